extension ConformanceTable {
    /// LimitRanges and ResourceQuotas.
    static let quotas = #"""
        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-quota"}}

        GET /api/v1/namespaces/NS-quota/serviceaccounts/default json 200~
        > "name":"default"

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"serviceAccountName":"nobody","containers":[{"name":"c","image":"i:1"}]}}
        > pods \"p\" is forbidden: error looking up service account NS-quota/nobody: serviceaccount \"nobody\" not found

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"priorityClassName":"no-such-class","containers":[{"name":"c","image":"i:1"}]}}
        > pods \"p\" is forbidden: no PriorityClass with name no-such-class was found

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 201
        {"metadata":{"name":"p"},"spec":{"hostNetwork":true,"priorityClassName":"system-node-critical","containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80}],"resources":{"limits":{"memory":"1024Mi","cpu":"1.5"},"requests":{"memory":"0.5Gi","cpu":"0.1"}}}]}}
        > "ports":[{"containerPort":80,"hostPort":80,"protocol":"TCP"}]
        > "resources":{"limits":{"cpu":"1500m","memory":"1Gi"},"requests":{"cpu":"100m","memory":"512Mi"}}
        > "enableServiceLinks":true
        > "preemptionPolicy":"PreemptLowerPriority","priority":2000001000,"priorityClassName":"system-node-critical"
        > "tolerations":[{"effect":"NoExecute","key":"node.kubernetes.io/not-ready","operator":"Exists","tolerationSeconds":300},{"effect":"NoExecute","key":"node.kubernetes.io/unreachable","operator":"Exists","tolerationSeconds":300}]
        > "mountPath":"/var/run/secrets/kubernetes.io/serviceaccount"
        > "qosClass":"Burstable"

        POST /api/v1/namespaces/NS-quota/limitranges json 201
        {"metadata":{"name":"lr"},"spec":{"limits":[{"type":"Container","default":{"memory":"1024Mi"},"defaultRequest":{"cpu":"0.1"},"min":{"cpu":"50m"},"max":{"memory":"2Gi"},"maxLimitRequestRatio":{"memory":"4"}},{"type":"Pod","max":{"memory":"3Gi"}},{"type":"PersistentVolumeClaim","max":{"storage":"2Gi"}}]}}
        > "default":{"memory":"1Gi"},"defaultRequest":{"cpu":"100m","memory":"1Gi"}

        POST /api/v1/namespaces/NS-quota/limitranges?dryRun=All json 201
        {"metadata":{"name":"lr2"},"spec":{"limits":[{"type":"Container","max":{"cpu":"2"},"min":{"memory":"10Mi"}}]}}
        > {"default":{"cpu":"2"},"defaultRequest":{"cpu":"2","memory":"10Mi"},"max":{"cpu":"2"},"min":{"memory":"10Mi"},"type":"Container"}

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 201~
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1"}]}}
        > "kubernetes.io/limit-ranger":"LimitRanger plugin set: cpu, memory request for container c; memory limit for container c"
        > "resources":{"limits":{"memory":"1Gi"},"requests":{"cpu":"100m","memory":"1Gi"}}

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 201
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"limits":{"cpu":"1"}}}]}}
        > LimitRanger plugin set: memory request for container c; memory limit for container c
        > "qosClass":"Guaranteed"

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"10m"}}}]}}
        > pods \"p\" is forbidden: minimum cpu usage per Container is 50m, but request is 10m

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"limits":{"memory":"4Gi"},"requests":{"memory":"3Gi"}}}]}}
        > pods \"p\" is forbidden: [maximum memory usage per Container is 2Gi, but limit is 4Gi, maximum memory usage per Pod is 3Gi, but limit is 4Gi]

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"limits":{"memory":"1Gi"},"requests":{"memory":"100Mi"}}}]}}
        > memory max limit to request ratio per Container is 4, but provided ratio is 10.240000

        POST /api/v1/namespaces/NS-quota/persistentvolumeclaims?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"10Gi"}}}}
        > persistentvolumeclaims \"p\" is forbidden: maximum storage usage per PersistentVolumeClaim is 2Gi, but request is 10Gi

        DELETE /api/v1/namespaces/NS-quota/limitranges/lr json 200
        > Success

        POST /api/v1/namespaces/NS-quota/resourcequotas json 201
        {"metadata":{"name":"q"},"spec":{"hard":{"pods":"2","services":"1","secrets":"1","persistentvolumeclaims":"1","requests.storage":"1Gi","count/deployments.apps":"1","requests.cpu":"1","limits.memory":"1024Mi","services.nodeports":"0"}}}

        GET /api/v1/namespaces/NS-quota/resourcequotas/q json 200~
        > "hard":{"count/deployments.apps":"1","limits.memory":"1Gi","persistentvolumeclaims":"1","pods":"2","requests.cpu":"1","requests.storage":"1Gi","secrets":"1","services":"1","services.nodeports":"0"},"used":{"count/deployments.apps":"0","limits.memory":"0","persistentvolumeclaims":"0","pods":"0","requests.cpu":"0","requests.storage":"0","secrets":"0","services":"0","services.nodeports":"0"}

        POST /api/v1/namespaces/NS-quota/pods?dryRun=All json 403~
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"b","image":"i:1"},{"name":"a","image":"i:1","resources":{"requests":{"cpu":"1m"}}}]}}
        > pods \"p\" is forbidden: failed quota: q: must specify limits.memory for: a,b; requests.cpu for: b

        POST /api/v1/namespaces/NS-quota/pods json 403
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"2"},"limits":{"memory":"2Gi"}}}]}}
        > exceeded quota: q, requested: limits.memory=2Gi,requests.cpu=2, used: limits.memory=0,requests.cpu=0, limited: limits.memory=1Gi,requests.cpu=1

        POST /api/v1/namespaces/NS-quota/pods json 201
        {"metadata":{"name":"p1"},"spec":{"containers":[{"name":"c","image":"registry.invalid/imagepullbackoff:1","resources":{"requests":{"cpu":"500m"},"limits":{"memory":"512Mi"}}}]}}

        POST /api/v1/namespaces/NS-quota/pods json 403
        {"metadata":{"name":"p2"},"spec":{"containers":[{"name":"c","image":"i:1","resources":{"requests":{"cpu":"600m"},"limits":{"memory":"100Mi"}}}]}}
        > pods \"p2\" is forbidden: exceeded quota: q, requested: requests.cpu=600m, used: requests.cpu=500m, limited: requests.cpu=1

        GET /api/v1/namespaces/NS-quota/resourcequotas/q json 200
        > "used":{"count/deployments.apps":"0","limits.memory":"512Mi","persistentvolumeclaims":"0","pods":"1","requests.cpu":"500m"

        POST /api/v1/namespaces/NS-quota/secrets json 201
        {"metadata":{"name":"a"}}

        POST /api/v1/namespaces/NS-quota/secrets json 403
        {"metadata":{"name":"b"}}
        > secrets \"b\" is forbidden: exceeded quota: q, requested: secrets=1, used: secrets=1, limited: secrets=1

        POST /api/v1/namespaces/NS-quota/services json 403
        {"metadata":{"name":"n"},"spec":{"type":"NodePort","ports":[{"port":80}]}}
        > exceeded quota: q, requested: services.nodeports=1, used: services.nodeports=0, limited: services.nodeports=0

        POST /api/v1/namespaces/NS-quota/persistentvolumeclaims json 403
        {"metadata":{"name":"p"},"spec":{"accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"10Gi"}}}}
        > exceeded quota: q, requested: requests.storage=10Gi, used: requests.storage=0, limited: requests.storage=1Gi

        DELETE /api/v1/namespaces/NS-quota/secrets/a json 200
        > Success

        GET /api/v1/namespaces/NS-quota/resourcequotas/q json 200~
        > "secrets":"0","services":"0"

        GET /api/v1/namespaces/NS-quota/resourcequotas/q table 200
        > "limits.memory: 512Mi/1Gi"
        > pods: 1/2

        PATCH /api/v1/namespaces/NS-quota/resourcequotas/q merge 422
        {"spec":{"hard":{"pods":"-1"}}}
        > spec.hard[pods]: Invalid value: \"-1\": must be greater than or equal to 0

        DELETE /api/v1/namespaces/NS-quota json 200
        > "phase":"Terminating"
        """#
}
