extension ConformanceTable {
    /// The names, runtime classes and endpoints of pods. Generated names are cut at the character `a`, which a random
    /// suffix cannot start with.
    static let pods = #"""
        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-pods"}}

        GET /api/v1/namespaces/NS-pods/serviceaccounts/default json 200~
        > "name":"default"

        GET /api/v1/namespaces/NS-pods/configmaps/kube-root-ca.crt json 200~
        > "kind":"ConfigMap"

        POST /api/v1/namespaces/NS-pods/configmaps json 201
        {"metadata":{"generateName":"a123456789b123456789c123456789d123456789e123456789f1234567a9g123456789-"}}
        > "name":"a123456789b123456789c123456789d123456789e123456789f1234567
        - "name":"a123456789b123456789c123456789d123456789e123456789f1234567a

        POST /api/v1/namespaces/NS-pods/pods json 403
        {"metadata":{"name":"p"},"spec":{"runtimeClassName":"NS-none","containers":[{"name":"c","image":"i"}]}}
        > "message":"pods \"p\" is forbidden: pod rejected: RuntimeClass \"NS-none\" not found"

        POST /api/v1/namespaces/NS-pods/pods json 403
        {"metadata":{"name":"p"},"spec":{"overhead":{"cpu":"1"},"containers":[{"name":"c","image":"i"}]}}
        > "message":"pods \"p\" is forbidden: pod rejected: Pod Overhead set without corresponding RuntimeClass defined Overhead"

        POST /apis/node.k8s.io/v1/runtimeclasses json 201
        {"metadata":{"name":"NS-class"},"handler":"runc","overhead":{"podFixed":{"cpu":"250m"}},"scheduling":{"nodeSelector":{"moorage.dev/kind":"vm"},"tolerations":[{"key":"moorage.dev/vm","operator":"Exists"}]}}

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 201~
        {"metadata":{"name":"p"},"spec":{"runtimeClassName":"NS-class","tolerations":[{"key":"moorage.dev/vm","operator":"Equal","value":"x","effect":"NoSchedule"}],"containers":[{"name":"c","image":"i"}]}}
        > "nodeSelector":{"moorage.dev/kind":"vm"}
        > "overhead":{"cpu":"250m"}
        > "tolerations":[{"effect":"NoExecute","key":"node.kubernetes.io/not-ready","operator":"Exists","tolerationSeconds":300},{"effect":"NoExecute","key":"node.kubernetes.io/unreachable","operator":"Exists","tolerationSeconds":300},{"key":"moorage.dev/vm","operator":"Exists"}]

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"runtimeClassName":"NS-class","overhead":{"cpu":"1"},"containers":[{"name":"c","image":"i"}]}}
        > "message":"pods \"p\" is forbidden: pod rejected: Pod's Overhead doesn't match RuntimeClass's defined Overhead"

        POST /api/v1/namespaces/NS-pods/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"runtimeClassName":"NS-class","nodeSelector":{"moorage.dev/kind":"metal"},"containers":[{"name":"c","image":"i"}]}}
        > "message":"pods \"p\" is forbidden: conflict: runtimeClass.scheduling.nodeSelector[moorage.dev/kind] = vm; pod.spec.nodeSelector[moorage.dev/kind] = metal"

        DELETE /apis/node.k8s.io/v1/runtimeclasses/NS-class json 200
        > "status":"Success"

        POST /api/v1/namespaces/NS-pods/services json 201
        {"metadata":{"name":"empty"},"spec":{"selector":{"app":"none"},"ports":[{"port":80}]}}

        GET /apis/discovery.k8s.io/v1/namespaces/NS-pods/endpointslices?labelSelector=kubernetes.io/service-name%3Dempty json 200~
        > "endpointslice.kubernetes.io/managed-by":"endpointslice-controller.k8s.io"
        > "endpoints":null
        > "ports":null

        POST /api/v1/namespaces/NS-pods/services json 201
        {"metadata":{"name":"web"},"spec":{"publishNotReadyAddresses":true,"selector":{"app":"web"},"ports":[{"name":"web","port":80,"targetPort":"http"},{"name":"gone","port":81,"targetPort":"none"},{"name":"udp","port":82,"protocol":"UDP","targetPort":"http"},{"name":"plain","port":83}]}}

        POST /api/v1/namespaces/NS-pods/pods json 201
        {"metadata":{"name":"web","labels":{"app":"web"}},"spec":{"schedulingGates":[{"name":"moorage.dev/test"}],"containers":[{"name":"c","image":"i","ports":[{"name":"http","containerPort":8081}]}]}}

        PATCH /api/v1/namespaces/NS-pods/pods/web/status merge 200
        {"status":{"phase":"Running","podIP":"10.244.9.9","podIPs":[{"ip":"10.244.9.9"}],"conditions":[{"type":"Ready","status":"True"}]}}

        GET /apis/discovery.k8s.io/v1/namespaces/NS-pods/endpointslices?labelSelector=kubernetes.io/service-name%3Dweb json 200~
        > "name":"web","port":8081,"protocol":"TCP"
        > "name":"plain","port":83,"protocol":"TCP"
        > "targetRef":{"kind":"Pod","name":"web","namespace":"NS-pods"
        - "name":"gone"
        - "name":"udp"

        DELETE /api/v1/namespaces/NS-pods json 200
        > "phase":"Terminating"
        """#
}
