/** `1,234`. */
export function number(value: number): string {
  return value.toLocaleString('en-US');
}

/** `1 object`, `1,234 objects`. */
export function counted(count: number, noun: string): string {
  return `${number(count)} ${noun}${count === 1 ? '' : 's'}`;
}
