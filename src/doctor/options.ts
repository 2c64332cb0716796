/** What `-o` takes. */
export const DOCTOR_FORMATS = ['text', 'json'] as const;
/** See {@link DOCTOR_FORMATS}. */
export type DoctorFormat = (typeof DOCTOR_FORMATS)[number];

/** The least result for which the command fails; what is unknown counts as a warning. */
export const DOCTOR_FAIL_ON = ['fail', 'warn'] as const;
/** See {@link DOCTOR_FAIL_ON}. */
export type DoctorFailOn = (typeof DOCTOR_FAIL_ON)[number];
