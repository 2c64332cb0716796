{{- define "gateward.labels" -}}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
app.kubernetes.io/instance: {{ .Release.Name | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
{{- end }}

{{- define "gateward.image" -}}
{{ .Values.image.repository }}{{ if .Values.image.digest }}@{{ .Values.image.digest }}{{ else }}:{{ .Values.image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "gateward.policiesArgs" -}}
{{- if .Values.policies.fromCluster -}}
- --policies-from-cluster
{{- else -}}
- --policies
- /etc/gateward/policies
{{- end }}
{{- end }}

{{- define "gateward.policiesMount" -}}
{{- if not .Values.policies.fromCluster }}- { name: policies, mountPath: /etc/gateward/policies, readOnly: true }{{ end }}
{{- end }}

{{- define "gateward.policiesVolume" -}}
{{- if not .Values.policies.fromCluster -}}
- name: policies
  configMap:
    name: {{ .Values.policies.existingConfigMap | default "gateward-policies" }}
{{- end }}
{{- end }}

{{- /* The bundle of the profile, unless there are documents or a choice. */ -}}
{{- define "gateward.bundle" -}}
{{- if .Values.policies.bundle }}{{ .Values.policies.bundle }}
{{- else if .Values.policies.documents }}none
{{- else }}{{ get (dict "audit" "audit" "warn" "baseline" "enforce" "restricted") .Values.profile }}
{{- end }}
{{- end }}

{{- /* Not empty when the documents are not just those of the profile. */ -}}
{{- define "gateward.chosenDocuments" -}}
{{- with .Values.policies }}{{ if or .bundle .documents .existingConfigMap .fromCluster }}chosen{{ end }}{{ end }}
{{- end }}

{{- define "gateward.podAnnotations" -}}
{{- toYaml .Values.podAnnotations }}
{{- end }}

{{- define "gateward.podLabels" -}}
{{- with .Values.podLabels }}{{ toYaml . }}{{ end }}
{{- end }}

{{- define "gateward.args" -}}
- --log-level
- {{ .Values.serve.logLevel }}
- --shutdown-delay
- {{ .Values.serve.shutdownDelay | quote }}
- --stale-after
- {{ .Values.serve.staleAfter | quote }}
{{- if .Values.callers.caConfigMap }}
- --client-ca
- /etc/gateward/callers/ca.crt
{{- end }}
{{- range .Values.callers.names }}
- --client-name
- {{ . | quote }}
{{- end }}
{{- if .Values.canary.enabled }}
- --canary
- gateward-canary
{{- end }}
{{- range .Values.serve.extraArgs }}
- {{ . | quote }}
{{- end }}
{{- end }}

{{- define "gateward.tlsArgs" -}}
{{- if eq .Values.certificates.mode "self-managed" -}}
- --tls-self-managed
{{- else -}}
- --tls-cert
- /etc/gateward/tls/tls.crt
- --tls-key
- /etc/gateward/tls/tls.key
{{- end }}
{{- end }}

{{- define "gateward.tlsMount" -}}
{{- if ne .Values.certificates.mode "self-managed" }}- { name: tls, mountPath: /etc/gateward/tls, readOnly: true }{{ end }}
{{- end }}

{{- define "gateward.tlsVolume" -}}
{{- if ne .Values.certificates.mode "self-managed" -}}
- name: tls
  secret:
    secretName: {{ .Values.certificates.secretName }}
    defaultMode: 0440
{{- end }}
{{- end }}

{{- define "gateward.callersMount" -}}
{{- if .Values.callers.caConfigMap }}- { name: callers, mountPath: /etc/gateward/callers, readOnly: true }{{ end }}
{{- end }}

{{- define "gateward.callersVolume" -}}
{{- with .Values.callers.caConfigMap }}
- name: callers
  configMap:
    name: {{ . }}
{{- end }}
{{- end }}

{{- define "gateward.issuerRef" -}}
{{- toYaml (.Values.certificates.issuerRef | default (dict "name" "gateward-ca")) }}
{{- end }}

{{- define "gateward.caBundle" -}}
{{- if eq .Values.certificates.mode "secret" }}caBundle: {{ .Values.certificates.caBundle }}{{ end }}
{{- end }}

{{- define "gateward.webhookAnnotations" -}}
{{- if eq .Values.certificates.mode "cert-manager" -}}
cert-manager.io/inject-ca-from: {{ .Release.Namespace }}/gateward
{{- else -}}
{}
{{- end }}
{{- end }}

{{- define "gateward.failurePolicy" -}}
{{ ternary "Fail" "Ignore" (eq .Values.profile "enforce") }}
{{- end }}

{{- define "gateward.timeoutSeconds" -}}
{{ .Values.webhooks.timeoutSeconds | default (ternary 2 5 (eq .Values.profile "audit")) }}
{{- end }}

{{- define "gateward.vendorRules" -}}
{{- range .Values.webhooks.vendorRules }}
- apiGroups: [{{ .group }}]
  apiVersions: ['*']
  operations: [CREATE, UPDATE]
  scope: Namespaced
  resources:
    {{- toYaml .resources | nindent 4 }}
{{- end }}
{{- end }}

{{- define "gateward.serviceMonitorLabels" -}}
{{- with .Values.monitoring.serviceMonitor.additionalLabels }}{{ toYaml . }}{{ end }}
{{- end }}

{{- define "gateward.podSecurity" -}}
runAsNonRoot: true
runAsUser: 65532
runAsGroup: 65532
seccompProfile:
  type: RuntimeDefault
{{- end }}

{{- define "gateward.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities:
  drop: [ALL]
{{- end }}

{{- define "gateward.uninstall" }}
    app.kubernetes.io/part-of: gateward
    {{- include "gateward.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: pre-delete
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}

{{- define "gateward.test" }}
    app.kubernetes.io/part-of: gateward
    {{- include "gateward.labels" . | nindent 4 }}
  annotations:
    helm.sh/hook: test
    helm.sh/hook-delete-policy: before-hook-creation,hook-succeeded
{{- end }}
