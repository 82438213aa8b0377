{{- define "labels" -}}
app.kubernetes.io/component: mcp-server
app.kubernetes.io/instance: {{ .name }}
app.kubernetes.io/managed-by: moorage
app.kubernetes.io/name: {{ .name }}
app.kubernetes.io/part-of: {{ .namespace }}
moorage.dev/server: {{ .name }}
moorage.dev/tenant: {{ .namespace }}
{{- end -}}
{{- define "probe" -}}
failureThreshold: {{ .failures }}
periodSeconds: {{ .period }}
successThreshold: 1
tcpSocket:
  port: http
timeoutSeconds: 5
{{- end -}}
