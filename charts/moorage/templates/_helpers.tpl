{{- define "moorage.name" -}}
{{- default .Chart.Name .Values.nameOverride | trunc 63 | trimSuffix "-" -}}
{{- end -}}

{{/* The prefix of the names of objects; short enough for every suffix. */}}
{{- define "moorage.fullname" -}}
{{- $name := default .Chart.Name .Values.nameOverride -}}
{{- if .Values.fullnameOverride -}}
{{- .Values.fullnameOverride | trunc 40 | trimSuffix "-" -}}
{{- else if contains $name .Release.Name -}}
{{- .Release.Name | trunc 40 | trimSuffix "-" -}}
{{- else -}}
{{- printf "%s-%s" .Release.Name $name | trunc 40 | trimSuffix "-" -}}
{{- end -}}
{{- end -}}

{{- define "moorage.controller" -}}
{{- include "moorage.fullname" . }}-controller
{{- end -}}

{{- define "moorage.serviceAccount" -}}
{{- if .Values.serviceAccount.create -}}
{{- default (include "moorage.controller" .) .Values.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "moorage.selectorLabels" -}}
app.kubernetes.io/name: {{ include "moorage.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: controller
{{- end -}}

{{- define "moorage.gateway" -}}
{{- include "moorage.fullname" . }}-gateway
{{- end -}}

{{- define "moorage.gatewayServiceAccount" -}}
{{- if .Values.gateway.serviceAccount.create -}}
{{- default (include "moorage.gateway" .) .Values.gateway.serviceAccount.name -}}
{{- else -}}
{{- default "default" .Values.gateway.serviceAccount.name -}}
{{- end -}}
{{- end -}}

{{- define "moorage.gatewaySelectorLabels" -}}
app.kubernetes.io/name: {{ include "moorage.name" . }}
app.kubernetes.io/instance: {{ .Release.Name }}
app.kubernetes.io/component: gateway
{{- end -}}

{{/* The address under which clients know the gateway; empty if it is not known. */}}
{{- define "moorage.gatewayURL" -}}
{{- $ingress := .Values.gateway.ingress -}}
{{- if .Values.gateway.publicURL -}}
{{- .Values.gateway.publicURL -}}
{{- else if and $ingress.enabled $ingress.host -}}
{{- ternary "https" "http" (ne $ingress.tlsSecret "") }}://{{ $ingress.host }}
{{- end -}}
{{- end -}}

{{/* The same, or else the address of the gateway's Service; empty if there is no gateway. */}}
{{- define "moorage.gatewayBindingsURL" -}}
{{- $service := .Values.gateway.service -}}
{{- $isSecure := not (empty .Values.gateway.tls.secretName) -}}
{{- $default := ternary 443 80 $isSecure -}}
{{- $host := printf "%s.%s.svc.%s" (include "moorage.gateway" .) .Release.Namespace .Values.config.clusterDomain -}}
{{- if include "moorage.gatewayURL" . -}}
{{- include "moorage.gatewayURL" . -}}
{{- else if .Values.gateway.enabled -}}
{{- ternary "https" "http" $isSecure }}://{{ $host }}{{ if ne (int $service.port) $default }}:{{ int $service.port }}{{ end }}
{{- end -}}
{{- end -}}

{{/* The Service with the addresses of all gateways. */}}
{{- define "moorage.gatewayUsage" -}}
{{- include "moorage.gateway" . | trunc 57 | trimSuffix "-" -}}-usage
{{- end -}}

{{/* The Secret with the keys that sessions are sealed with. */}}
{{- define "moorage.gatewaySessionKey" -}}
{{- default (printf "%s-session" (include "moorage.gateway" .)) .Values.gateway.sessionKey.existingSecret -}}
{{- end -}}

{{/* The labels of an object: the selector labels, then the common and its own labels, which cannot override the others. */}}
{{- define "moorage.labels" -}}
{{- $root := .root -}}
{{- $fixed := dict
    "app.kubernetes.io/name" (include "moorage.name" $root)
    "app.kubernetes.io/instance" $root.Release.Name
    "app.kubernetes.io/component" (.component | default "controller")
    "app.kubernetes.io/version" $root.Chart.AppVersion
    "app.kubernetes.io/part-of" "moorage"
    "app.kubernetes.io/managed-by" $root.Release.Service
    "helm.sh/chart" (printf "%s-%s" $root.Chart.Name $root.Chart.Version | replace "+" "_" | trunc 63 | trimSuffix "-")
-}}
{{- toYaml (merge (dict) $fixed (.own | default dict) $root.Values.commonLabels) -}}
{{- end -}}

{{/* The name, namespace, labels and annotations of an object. */}}
{{- define "moorage.metadata" -}}
metadata:
  name: {{ .name }}
  {{- with .namespace }}
  namespace: {{ . }}
  {{- end }}
  labels:
    {{- include "moorage.labels" (dict "root" .root "own" .labels "component" .component) | nindent 4 }}
  {{- with merge (dict) (.annotations | default dict) .root.Values.commonAnnotations }}
  annotations:
    {{- toYaml . | nindent 4 }}
  {{- end }}
{{- end -}}

{{- define "moorage.image" -}}
{{- $tag := .Values.image.tag | default (ternary "" .Chart.AppVersion (ne .Values.image.digest "")) -}}
{{- .Values.image.repository }}{{ with $tag }}:{{ . }}{{ end }}{{ with .Values.image.digest }}@{{ . }}{{ end }}
{{- end -}}

{{/* The namespaces of `scope`, separated by commas; empty for the whole cluster. */}}
{{- define "moorage.namespaces" -}}
{{- if kindIs "slice" .Values.scope -}}{{ join "," .Values.scope }}{{- end -}}
{{- end -}}

{{/* The two namespaces of the check of the network, as a list in YAML. */}}
{{- define "moorage.networkCheckNamespaces" -}}
{{- $name := include "moorage.fullname" . -}}
{{- list (printf "%s-network-check-1" $name) (printf "%s-network-check-2" $name) | toYaml -}}
{{- end -}}

{{/* The configuration file. */}}
{{- define "moorage.configuration" -}}
{{- $config := deepCopy .Values.config -}}
{{- $network := get $config "network" | default dict -}}
{{- $gateway := get $network "gateway" | default dict -}}
{{- if not (or $gateway.namespaces $gateway.namespaceSelector) -}}
{{- $_ := set $gateway "namespaces" (list .Release.Namespace) -}}
{{- $_ := set $network "gateway" $gateway -}}
{{- $_ := set $config "network" $network -}}
{{- else if and .Values.gateway.enabled $gateway.namespaces -}}
{{- /* Moorage's own gateway reaches servers too. */ -}}
{{- $_ := set $gateway "namespaces" (append $gateway.namespaces .Release.Namespace | uniq) -}}
{{- end -}}
{{- $members := get $config "members" | default dict -}}
{{- $_ := set $members "rolePrefix" (include "moorage.fullname" .) -}}
{{- $_ := set $config "members" $members -}}
{{- $handshake := get $config "handshake" | default dict -}}
{{- if not $handshake.controllerPods -}}
{{- $_ := set $handshake "controllerPods" (dict "matchLabels" (include "moorage.selectorLabels" . | fromYaml)) -}}
{{- $_ := set $config "handshake" $handshake -}}
{{- end -}}
{{- if .Values.gateway.enabled -}}
{{- $own := get $config "gateway" | default dict -}}
{{- $_ := set $own "serviceAccountName" (default (include "moorage.gatewayServiceAccount" .) $own.serviceAccountName) -}}
{{- $_ := set $config "gateway" $own -}}
{{- end -}}
{{- if .Values.networkCheck.enabled -}}
{{- $namespaces := include "moorage.networkCheckNamespaces" . | fromYamlArray -}}
{{- $_ := set $config "networkCheck" (dict "namespaces" $namespaces "image" (include "moorage.image" .) "periodSeconds" (int .Values.networkCheck.periodSeconds)) -}}
{{- end -}}
{{- $bindings := get $config "gatewayBindings" | default dict -}}
{{- if not $bindings.enabled -}}
{{- $_ := unset $config "gatewayBindings" -}}
{{- else if not $bindings.gatewayURL -}}
{{- $_ := unset $bindings "gatewayURL" -}}
{{- with include "moorage.gatewayBindingsURL" . }}{{ $_ := set $bindings "gatewayURL" . }}{{ end -}}
{{- $_ := set $config "gatewayBindings" $bindings -}}
{{- end -}}
{{- $stdio := get $config "stdio" | default dict -}}
{{- if not $stdio.image -}}
{{- $_ := set $stdio "image" (include "moorage.image" .) -}}
{{- end -}}
{{- if not $stdio.imagePullPolicy -}}
{{- $_ := set $stdio "imagePullPolicy" .Values.image.pullPolicy -}}
{{- end -}}
{{- $_ := set $config "stdio" $stdio -}}
{{- $_ := set $config "apiVersion" "moorage.dev/v1alpha1" -}}
{{- $_ := set $config "kind" "MoorageConfiguration" -}}
{{- $_ := set $config "airgapped" .Values.airgapped -}}
{{- toYaml $config -}}
{{- end -}}

{{/* Checks that the schema cannot express. */}}
{{- define "moorage.checks" -}}
{{- if and (gt (int .Values.replicas) 1) (not .Values.leaderElection.enabled) -}}
{{- fail "replicas: more than one needs leaderElection.enabled, or all would write at once" -}}
{{- end -}}
{{- if and .Values.metrics.enabled (eq (int .Values.metrics.port) (int .Values.healthPort)) -}}
{{- fail "metrics.port and healthPort are the same: give each its own, so that a NetworkPolicy can tell them apart" -}}
{{- end -}}
{{- if and .Values.metrics.serviceMonitor.enabled .Values.metrics.podMonitor.enabled -}}
{{- fail "metrics.serviceMonitor.enabled and metrics.podMonitor.enabled: enable one of them, or every pod is scraped twice" -}}
{{- end -}}
{{- $gateway := .Values.gateway -}}
{{- if and $gateway.tls.clientAuthoritiesSecret (not $gateway.tls.secretName) -}}
{{- fail "gateway.tls.clientAuthoritiesSecret needs gateway.tls.secretName: clients can only present certificates where the port serves TLS" -}}
{{- end -}}
{{- $ports := list (int $gateway.port) (int $gateway.healthPort) -}}
{{- if .Values.metrics.enabled -}}{{- $ports = append $ports (int $gateway.metricsPort) -}}{{- end -}}
{{- if ne (len $ports) (len (uniq $ports)) -}}
{{- fail "gateway.port, gateway.healthPort and gateway.metricsPort: give each its own, so that a NetworkPolicy can tell them apart" -}}
{{- end -}}
{{- end -}}

{{/* The controller as the subject of a binding. */}}
{{- define "moorage.subject" -}}
- kind: ServiceAccount
  name: {{ include "moorage.serviceAccount" . }}
  namespace: {{ .Release.Namespace }}
{{- end -}}

{{/* What the admission policies contain, in CEL: JSON is CEL. The users whose requests are Moorage's. */}}
{{- define "moorage.admissionControllers" -}}
{{- $own := printf "system:serviceaccount:%s:%s" .Release.Namespace (include "moorage.serviceAccount" .) -}}
{{- toJson (concat (list $own) (.Values.admission.controllerUsers | default list)) -}}
{{- end -}}

{{/* Whether the platform requires digests. An existing configuration file is not known to the chart. */}}
{{- define "moorage.admissionRequiresDigest" -}}
{{- $images := .Values.config.images -}}
{{- $signatures := $images.signatures | default dict -}}
{{- if .Values.existingConfig.name -}}false
{{- else if and $signatures (ne (default "Enforce" $signatures.mode) "Off") -}}true
{{- else -}}{{ $images.requireDigest }}
{{- end -}}
{{- end -}}

{{- define "moorage.admissionMayOmitDigests" -}}
{{- has "images.requireDigest" (.Values.config.tenantsMayLoosen | default list) -}}
{{- end -}}

{{- define "moorage.admissionMirrors" -}}
{{- $mirrors := list -}}
{{- range .Values.config.images.mirrors }}{{ $mirrors = append $mirrors .mirror }}{{ end -}}
{{- toJson $mirrors -}}
{{- end -}}

{{/* The image with the adapter for stdio. */}}
{{- define "moorage.admissionOwnImages" -}}
{{- $stdio := .Values.config.stdio | default dict -}}
{{- toJson (list (default (include "moorage.image" .) $stdio.image)) -}}
{{- end -}}

{{/* The namespaces of tenants: the labels that Moorage sets on them. */}}
{{- define "moorage.admissionNamespaces" -}}
matchLabels:
  app.kubernetes.io/managed-by: moorage
matchExpressions:
  - {key: moorage.dev/tenant, operator: Exists}
  {{- if kindIs "slice" .Values.scope }}
  - {key: kubernetes.io/metadata.name, operator: In, values: {{ toJson .Values.scope }}}
  {{- end }}
{{- end -}}
