extension ConformanceTable {
    /// The Pod Security Standards in both levels and several versions, and what else is checked of pods.
    static let podSecurity = #"""
        POST /api/v1/namespaces json 422
        {"metadata":{"name":"NS-pods","labels":{"pod-security.kubernetes.io/enforce":"bad","pod-security.kubernetes.io/warn-version":"1.2"}}}
        > [metadata.labels[pod-security.kubernetes.io/enforce]: Invalid value: \"bad\": must be one of privileged, baseline, restricted, metadata.labels[pod-security.kubernetes.io/warn-version]: Invalid value: \"1.2\": must be \"latest\" or \"v1.x\"]

        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-pods","labels":{"pod-security.kubernetes.io/enforce":"baseline"}}}

        GET /api/v1/namespaces/NS-pods/serviceaccounts/default json 200~
        > "name":"default"

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"hostNetwork":true,"securityContext":{"sysctls":[{"name":"a.b","value":"1"}],"appArmorProfile":{"type":"Unconfined"},"seLinuxOptions":{"user":"a"},"windowsOptions":{"hostProcess":true}},"containers":[{"name":"c","image":"i:1","livenessProbe":{"httpGet":{"host":"1.2.3.4","port":80}},"securityContext":{"privileged":true,"capabilities":{"add":["SYS_ADMIN"]},"seccompProfile":{"type":"Unconfined"}},"ports":[{"containerPort":80}]}],"volumes":[{"name":"a","hostPath":{"path":"/"}},{"name":"b","hostPath":{"path":"/"}}]}}
        > violates PodSecurity \"baseline:latest\": forbidden AppArmor profile (pod must not set AppArmor profile type to \"Unconfined\"), non-default capabilities (container \"c\" must not include \"SYS_ADMIN\" in securityContext.capabilities.add), host namespaces (hostNetwork=true), hostPath volumes (volumes \"a\", \"b\"), hostPort (container \"c\" uses hostPort 80), probe or lifecycle host (container \"c\" uses probe or lifecycle host \"1.2.3.4\"), privileged (container \"c\" must not set securityContext.privileged=true), seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: user may not be set), seccompProfile (container \"c\" must not set securityContext.seccompProfile.type to \"Unconfined\"), forbidden sysctls (a.b), hostProcess (pod must not set securityContext.windowsOptions.hostProcess=true)"

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"securityContext":{"seLinuxOptions":{"type":"bad_t"}},"containers":[{"name":"c","image":"i:1","securityContext":{"seLinuxOptions":{"type":"worse_t"}},"ports":[{"containerPort":80,"hostPort":80},{"containerPort":81,"hostPort":90}]},{"name":"d","image":"i:1","ports":[{"containerPort":80,"hostPort":81}]}]}}
        > hostPort (containers \"c\", \"d\" use hostPorts 80, 81, 90), seLinuxOptions (pod and container \"c\" set forbidden securityContext.seLinuxOptions: types \"bad_t\", \"worse_t\")"

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 403
        {"metadata":{"name":"p","annotations":{"container.apparmor.security.beta.kubernetes.io/c":"unconfined"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}
        > forbidden AppArmor profiles (container \"c\" and annotation must not set AppArmor profile type to \"Unconfined\", \"container.apparmor.security.beta.kubernetes.io/c=\"unconfined\"\")"
        ! deprecated since v1.30; use the \"appArmorProfile\" field instead

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 422
        {"metadata":{"name":"p"},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i:1","securityContext":{"procMount":"Unmasked"}}]}}
        > "message":"Pod \"p\" is invalid: spec.containers[0].securityContext.procMount: Invalid value: \"Unmasked\": `hostUsers` must be false to use `Unmasked`"

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 201
        {"metadata":{"name":"p"},"spec":{"hostUsers":false,"containers":[{"name":"c","image":"i:1","securityContext":{"procMount":"Unmasked"}}]}}

        PATCH /api/v1/namespaces/NS-pods merge 200
        {"metadata":{"labels":{"pod-security.kubernetes.io/enforce-version":"v1.28"}}}

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 403~
        {"metadata":{"name":"p"},"spec":{"hostUsers":false,"securityContext":{"seLinuxOptions":{"type":"container_engine_t"},"sysctls":[{"name":"net.ipv4.ip_local_reserved_ports","value":"1"},{"name":"net.ipv4.tcp_rmem","value":"1"}]},"containers":[{"name":"c","image":"i:1","livenessProbe":{"httpGet":{"host":"1.2.3.4","port":80}},"securityContext":{"procMount":"Unmasked"}}]}}
        > violates PodSecurity \"baseline:v1.28\": procMount (container \"c\" must not set securityContext.procMount to \"Unmasked\"), seLinuxOptions (pod set forbidden securityContext.seLinuxOptions: type \"container_engine_t\"), forbidden sysctls (net.ipv4.tcp_rmem)"

        POST /api/v1/namespaces/NS-pods/pods json 201
        {"metadata":{"name":"plain"},"spec":{"containers":[{"name":"c","image":"registry.invalid/imagepullbackoff:1"}]}}

        PATCH /api/v1/namespaces/NS-pods?dryRun=All merge 200~
        {"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted","pod-security.kubernetes.io/enforce-version":"latest","pod-security.kubernetes.io/warn":"baseline","pod-security.kubernetes.io/warn-version":"v1.30"}}}
        ! existing pods in namespace \"NS-pods\" violate the new PodSecurity enforce level \"restricted:latest\"
        ! plain: allowPrivilegeEscalation != false, unrestricted capabilities, runAsNonRoot != true, seccompProfile

        PATCH /api/v1/namespaces/NS-pods merge 200
        {"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted","pod-security.kubernetes.io/enforce-version":"latest","pod-security.kubernetes.io/warn":"baseline","pod-security.kubernetes.io/warn-version":"v1.30"}}}

        POST /apis/apps/v1/namespaces/NS-pods/deployments?dryRun=All json 201~
        {"metadata":{"name":"d"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"hostNetwork":true,"containers":[{"name":"c","image":"i:1"}]}}}}
        ! would violate PodSecurity \"baseline:v1.30\": host namespaces (hostNetwork=true)

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"securityContext":{"runAsUser":0},"containers":[{"name":"c","image":"i:1","securityContext":{"allowPrivilegeEscalation":false,"runAsUser":0,"capabilities":{"drop":["ALL"],"add":["CHOWN","NET_BIND_SERVICE"]},"seccompProfile":{"type":"Unconfined"}}},{"name":"d","image":"i:1","securityContext":{"allowPrivilegeEscalation":false,"runAsNonRoot":false,"capabilities":{"add":["SYS_ADMIN"]},"seccompProfile":{"type":"RuntimeDefault"}}}],"volumes":[{"name":"n","nfs":{"server":"a","path":"/b"}},{"name":"h","hostPath":{"path":"/"}}]}}
        > violates PodSecurity \"restricted:latest\": unrestricted capabilities (container \"d\" must set securityContext.capabilities.drop=[\"ALL\"]; containers \"c\", \"d\" must not include \"CHOWN\", \"SYS_ADMIN\" in securityContext.capabilities.add), restricted volume types (volumes \"n\", \"h\" use restricted volume types \"hostPath\", \"nfs\"), runAsNonRoot != true (container \"d\" must not set securityContext.runAsNonRoot=false), runAsUser=0 (pod and container \"c\" must not set runAsUser=0), seccompProfile (container \"c\" must not set securityContext.seccompProfile.type to \"Unconfined\")"

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 201
        {"metadata":{"name":"p"},"spec":{"hostUsers":false,"containers":[{"name":"c","image":"i:1","securityContext":{"allowPrivilegeEscalation":false,"capabilities":{"drop":["ALL"]},"seccompProfile":{"type":"RuntimeDefault"}}}]}}

        DELETE /api/v1/namespaces/NS-pods json 200
        > "phase":"Terminating"
        """#
}
