{{- define "sagewright.image" -}}
{{- $image := .Values.image -}}
{{ $image.repository }}{{ if $image.digest }}@{{ $image.digest }}{{ else }}:{{ $image.tag | default .Chart.AppVersion }}{{ end }}
{{- end }}

{{- define "sagewright.labels" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/version: {{ .Chart.AppVersion | quote }}
app.kubernetes.io/managed-by: {{ .Release.Service }}
helm.sh/chart: {{ .Chart.Name }}-{{ .Chart.Version }}
{{- end }}

{{- define "sagewright.selector" -}}
app.kubernetes.io/name: {{ .Chart.Name }}
app.kubernetes.io/instance: {{ .Release.Name }}
{{- end }}

{{/* The variables of a process: called with root, its name, and its entry of .Values.processes. */}}
{{- define "sagewright.environment" -}}
{{- $values := .root.Values -}}
{{- $prefix := .root.Release.Name -}}
{{- $secrets := list "SECRET_KEY" "DATABASE_URL" "REDIS_URL" -}}
{{- if .process.client }}{{ $secrets = append $secrets "CONSOLE_KEY" }}{{ end -}}
{{- if .process.store }}{{ $secrets = append $secrets "STORE_URL" }}{{ end -}}
{{- range $secrets }}
- {name: SAGEWRIGHT_{{ . }}_FILE, value: /run/secrets/sagewright/{{ lower . }}}
{{- end }}
- {name: SAGEWRIGHT_WEB_URL, value: {{ $values.webUrl | quote }}}
- {name: SAGEWRIGHT_LIVE_URL, value: {{ $values.webUrl | quote }}}
- {name: SAGEWRIGHT_ALLOWED_HOSTS, value: {{ printf "%s,127.0.0.1,localhost" (urlParse $values.webUrl).hostname | quote }}}
- {name: SAGEWRIGHT_TRUSTED_PROXIES, value: {{ $values.trustedProxies | quote }}}
- {name: SAGEWRIGHT_ENGINE_URL, value: "http://{{ $prefix }}-engine:8003"}
- {name: SAGEWRIGHT_GATEWAY_URL, value: {{ if .process.store }}"http://127.0.0.1:8002"{{ else }}"http://{{ $prefix }}-gateway:8002"{{ end }}}
{{- if .process.store }}
- {name: SAGEWRIGHT_STORE_ENCODES_KEYS, value: {{ $values.storeEncodesKeys | quote }}}
{{- end }}
- {name: SAGEWRIGHT_REGION, value: {{ $values.region | quote }}}
- {name: SAGEWRIGHT_SANDBOX, value: {{ $values.sandbox | quote }}}
- {name: CELERY_SKIP_CHECKS, value: "1"}
{{- if .process.client }}
- {name: AWS_ENDPOINT_URL, value: "http://{{ $prefix }}-gateway:8002"}
- {name: AWS_DEFAULT_REGION, value: {{ $values.region | quote }}}
- {name: AWS_EC2_METADATA_DISABLED, value: "true"}
{{- end }}
{{- with .process.tasks }}
- {name: SAGEWRIGHT_TASKS, value: {{ . | quote }}}
{{- end }}
{{- if not .process.port }}
- {name: SAGEWRIGHT_READY_FILE, value: /tmp/alive}
{{- end }}
{{- range $name, $value := merge (dict) (default (dict) .process.environment) $values.environment }}
- {name: {{ $name }}, value: {{ $value | quote }}}
{{- end }}
{{- end }}

{{/* The secrets that a process needs, as files: called like sagewright.environment. */}}
{{- define "sagewright.secrets" -}}
secret:
  secretName: {{ .root.Values.secretName }}
  defaultMode: 0440
  items:
    - {key: secret_key, path: secret_key}
    - {key: database_url, path: database_url}
    - {key: redis_url, path: redis_url}
    {{- if .process.client }}
    - {key: console_key, path: console_key}
    {{- end }}
    {{- if .process.store }}
    - {key: store_url, path: store_url}
    {{- end }}
{{- end }}

{{- define "sagewright.podSecurity" -}}
runAsNonRoot: true
runAsUser: 10001
runAsGroup: 10001
fsGroup: 10001
seccompProfile: {type: RuntimeDefault}
{{- end }}

{{- define "sagewright.containerSecurity" -}}
allowPrivilegeEscalation: false
readOnlyRootFilesystem: true
capabilities: {drop: [ALL]}
{{- end }}
