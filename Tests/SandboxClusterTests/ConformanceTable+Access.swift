extension ConformanceTable {
    /// RBAC: decisions, messages of refusals, and the rule that users cannot grant permissions that they do not have.
    static let access = #"""
        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-access"}}

        GET /api/v1/namespaces/NS-access/pods json 403
        @ NS-ann
        > "details":{"kind":"pods"}
        > "message":"pods is forbidden: User \"NS-ann\" cannot list resource \"pods\" in API group \"\" in the namespace \"NS-access\""
        > "reason":"Forbidden"

        GET /api/v1/namespaces/NS-access/pods/p json 403
        @ NS-ann
        > "details":{"kind":"pods","name":"p"}
        > "message":"pods \"p\" is forbidden: User \"NS-ann\" cannot get resource \"pods\" in API group \"\" in the namespace \"NS-access\""

        GET /api/v1/namespaces/NS-access json 403
        @ NS-ann
        > "message":"namespaces \"NS-access\" is forbidden: User \"NS-ann\" cannot get resource \"namespaces\" in API group \"\" in the namespace \"NS-access\""

        GET /apis/apps/v1/deployments json 403
        @ NS-ann
        > "details":{"group":"apps","kind":"deployments"}
        > "message":"deployments.apps is forbidden: User \"NS-ann\" cannot list resource \"deployments\" in API group \"apps\" at the cluster scope"

        PATCH /apis/apps/v1/namespaces/NS-access/deployments/d/scale merge 403
        {"spec":{"replicas":1}}
        @ NS-ann
        > "message":"deployments.apps \"d\" is forbidden: User \"NS-ann\" cannot patch resource \"deployments/scale\" in API group \"apps\" in the namespace \"NS-access\""

        DELETE /api/v1/namespaces/NS-access/configmaps json 403
        @ NS-ann
        > "message":"configmaps is forbidden: User \"NS-ann\" cannot deletecollection resource \"configmaps\" in API group \"\" in the namespace \"NS-access\""

        POST /api/v1/namespaces/NS-access/configmaps json 403
        {"metadata":{"name":"a"}}
        @ NS-ann
        > "message":"configmaps is forbidden: User \"NS-ann\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"NS-access\""

        GET /apis/nothing.example.com/v1/things json 403
        @ NS-ann
        > "message":"things.nothing.example.com is forbidden: User \"NS-ann\" cannot list resource \"things\" in API group \"nothing.example.com\" at the cluster scope"

        GET /metrics json 403
        @ NS-ann
        > "details":{}
        > "message":"forbidden: User \"NS-ann\" cannot get path \"/metrics\""

        GET /version json 200
        @ NS-ann
        > "major":"1"

        GET /apis json 200
        @ NS-ann
        > APIGroupList

        GET /apis json 403
        @ system:anonymous
        > "message":"forbidden: User \"system:anonymous\" cannot get path \"/apis\""

        GET /version json 200
        @ system:anonymous
        > "major":"1"

        POST /apis/authentication.k8s.io/v1/selfsubjectreviews json 201
        {}
        @ NS-ann one,two
        > "userInfo":{"groups":["one","two","system:authenticated"],"username":"NS-ann"}

        POST /apis/authentication.k8s.io/v1/selfsubjectreviews json 201
        {}
        @ system:serviceaccount:NS-access:robot
        > "groups":["system:serviceaccounts","system:serviceaccounts:NS-access","system:authenticated"],"username":"system:serviceaccount:NS-access:robot"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/roles json 201
        {"metadata":{"name":"reader"},"rules":[{"apiGroups":[""],"resources":["pods","namespaces"],"verbs":["get","list"]},{"apiGroups":[""],"resources":["configmaps"],"resourceNames":["one"],"verbs":["get","list","patch"]},{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles","rolebindings"],"verbs":["create","update","patch"]}]}

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/rolebindings json 201
        {"metadata":{"name":"readers"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"reader"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"NS-ann"},{"apiGroup":"rbac.authorization.k8s.io","kind":"Group","name":"NS-group"},{"kind":"ServiceAccount","name":"robot"}]}

        GET /api/v1/namespaces/NS-access/pods json 200~
        @ NS-ann
        > "kind":"PodList"

        GET /api/v1/namespaces/NS-access json 200
        @ NS-ann
        > "kind":"Namespace"

        GET /api/v1/namespaces/default/pods json 403
        @ NS-ann
        > in the namespace \"default\"

        GET /api/v1/namespaces/NS-access/pods json 200
        @ NS-bob NS-group
        > "kind":"PodList"

        GET /api/v1/namespaces/NS-access/pods json 403
        @ NS-bob
        > "reason":"Forbidden"

        GET /api/v1/namespaces/NS-access/pods json 200
        @ system:serviceaccount:NS-access:robot
        > "kind":"PodList"

        GET /api/v1/namespaces/NS-access/pods json 403
        @ system:serviceaccount:default:robot
        > "reason":"Forbidden"

        GET /api/v1/namespaces/NS-access/configmaps json 403
        @ NS-ann
        > "reason":"Forbidden"

        GET /api/v1/namespaces/NS-access/configmaps?fieldSelector=metadata.name%3Done json 200
        @ NS-ann
        > "kind":"ConfigMapList"

        GET /api/v1/namespaces/NS-access/configmaps/two json 403
        @ NS-ann
        > "reason":"Forbidden"

        GET /api/v1/namespaces/NS-access/configmaps/one json 404
        @ NS-ann
        > "reason":"NotFound"

        PATCH /api/v1/namespaces/NS-access/configmaps/one?fieldManager=ann apply 403
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"one"}}
        @ NS-ann
        > "message":"configmaps \"one\" is forbidden: User \"NS-ann\" cannot create resource \"configmaps\" in API group \"\" in the namespace \"NS-access\""

        POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews json 201
        {"spec":{"resourceAttributes":{"namespace":"NS-access","verb":"list","resource":"pods"}}}
        @ NS-ann
        > "status":{"allowed":true,"reason":"RBAC: allowed by RoleBinding \"readers/NS-access\" of Role \"reader\" to User \"NS-ann\""}

        POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews json 201
        {"spec":{"resourceAttributes":{"namespace":"NS-access","verb":"list","resource":"pods"}}}
        @ system:serviceaccount:NS-access:robot
        > "reason":"RBAC: allowed by RoleBinding \"readers/NS-access\" of Role \"reader\" to ServiceAccount \"robot/NS-access\""

        POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews json 201
        {"spec":{"resourceAttributes":{"namespace":"NS-access","verb":"list","resource":"secrets"}}}
        @ NS-ann
        > "status":{"allowed":false}

        POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews json 201
        {"spec":{"resourceAttributes":{"verb":"list","resource":"secrets"}}}
        > "status":{"allowed":true}

        POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews json 201
        {"spec":{"nonResourceAttributes":{"verb":"get","path":"/apis/apps"}}}
        @ NS-ann
        > "allowed":true

        POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews json 422
        {"spec":{}}
        @ NS-ann
        > spec.resourceAttributes: Invalid value: null: exactly one of nonResourceAttributes or resourceAttributes must be specified

        POST /apis/authorization.k8s.io/v1/subjectaccessreviews json 403
        {"spec":{"user":"NS-bob","resourceAttributes":{"namespace":"NS-access","verb":"list","resource":"pods"}}}
        @ NS-ann
        > cannot create resource \"subjectaccessreviews\" in API group \"authorization.k8s.io\" at the cluster scope

        POST /apis/authorization.k8s.io/v1/subjectaccessreviews json 201
        {"spec":{"user":"NS-bob","groups":["NS-group"],"resourceAttributes":{"namespace":"NS-access","verb":"list","resource":"pods"}}}
        > "status":{"allowed":true,"reason":"RBAC: allowed by RoleBinding \"readers/NS-access\" of Role \"reader\" to Group \"NS-group\""}

        POST /apis/authorization.k8s.io/v1/subjectaccessreviews json 422
        {"spec":{"resourceAttributes":{"verb":"list","resource":"pods"}}}
        > spec.user: Invalid value: \"\": at least one of user or group must be specified

        POST /apis/authorization.k8s.io/v1/namespaces/NS-access/localsubjectaccessreviews json 201
        {"metadata":{"namespace":"NS-access"},"spec":{"user":"NS-ann","resourceAttributes":{"namespace":"NS-access","verb":"get","resource":"configmaps","name":"two"}}}
        > "status":{"allowed":false}

        POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews json 201
        {"spec":{"namespace":"NS-access"}}
        @ NS-ann
        > {"apiGroups":[""],"resources":["pods","namespaces"],"verbs":["get","list"]}
        > "incomplete":false
        > {"apiGroups":["authentication.k8s.io"],"resources":["selfsubjectreviews"],"verbs":["create"]}

        POST /apis/authorization.k8s.io/v1/selfsubjectrulesreviews json 400
        {"spec":{}}
        @ NS-ann
        > "message":"no namespace on request"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/roles json 403
        {"metadata":{"name":"more"},"rules":[{"apiGroups":[""],"resources":["secrets","pods"],"verbs":["get","list","delete"]},{"apiGroups":["apps"],"resources":["deployments"],"resourceNames":["d"],"verbs":["*"]}]}
        @ NS-ann
        > "message":"roles.rbac.authorization.k8s.io \"more\" is forbidden: user \"NS-ann\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"\"], Resources:[\"pods\"], Verbs:[\"delete\"]}\n{APIGroups:[\"\"], Resources:[\"secrets\"], Verbs:[\"get\" \"list\" \"delete\"]}\n{APIGroups:[\"apps\"], Resources:[\"deployments\"], ResourceNames:[\"d\"], Verbs:[\"*\"]}"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/roles json 201
        {"metadata":{"name":"less"},"rules":[{"apiGroups":[""],"resources":["pods"],"verbs":["get"]}]}
        @ NS-ann
        > "name":"less"

        PATCH /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/roles/less merge 403
        {"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}
        @ NS-ann
        > is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/rolebindings json 403
        {"metadata":{"name":"rise"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"cluster-admin"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"NS-ann"}]}
        @ NS-ann
        > "message":"rolebindings.rbac.authorization.k8s.io \"rise\" is forbidden: user \"NS-ann\" (groups=[\"system:authenticated\"]) is attempting to grant RBAC permissions not currently held:\n{APIGroups:[\"*\"], Resources:[\"*\"], Verbs:[\"*\"]}\n{NonResourceURLs:[\"*\"], Verbs:[\"*\"]}"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/rolebindings json 404
        {"metadata":{"name":"lost"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"none"}}
        @ NS-ann
        > none\" not found

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/rolebindings json 201
        {"metadata":{"name":"share"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"less"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"NS-bob"}]}
        @ NS-ann
        > "name":"share"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/roles json 201
        {"metadata":{"name":"grantor"},"rules":[{"apiGroups":["rbac.authorization.k8s.io"],"resources":["roles"],"verbs":["escalate"]},{"apiGroups":["rbac.authorization.k8s.io"],"resources":["clusterroles"],"resourceNames":["view"],"verbs":["bind"]}]}

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/rolebindings json 201
        {"metadata":{"name":"grantors"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"Role","name":"grantor"},"subjects":[{"apiGroup":"rbac.authorization.k8s.io","kind":"User","name":"NS-ann"}]}

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/rolebindings?dryRun=All json 201~
        {"metadata":{"name":"views"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"view"}}
        @ NS-ann
        > "name":"views"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/rolebindings?dryRun=All json 403
        {"metadata":{"name":"edits"},"roleRef":{"apiGroup":"rbac.authorization.k8s.io","kind":"ClusterRole","name":"edit"}}
        @ NS-ann
        > is attempting to grant RBAC permissions not currently held

        PATCH /apis/rbac.authorization.k8s.io/v1/namespaces/NS-access/roles/less merge 200
        {"rules":[{"apiGroups":["*"],"resources":["*"],"verbs":["*"]}]}
        @ NS-ann
        > "resources":["*"]

        GET /apis/rbac.authorization.k8s.io/v1/clusterroles/edit json 200~
        > "rbac.authorization.k8s.io/aggregate-to-admin":"true"
        > {"apiGroups":[""],"resources":["serviceaccounts/token"],"verbs":["create"]}
        > {"apiGroups":["policy"],"resources":["poddisruptionbudgets","poddisruptionbudgets/status"],"verbs":["get","list","watch"]}

        POST /apis/rbac.authorization.k8s.io/v1/clusterroles json 201
        {"metadata":{"name":"NS-part","labels":{"rbac.authorization.k8s.io/aggregate-to-view":"true"}},"rules":[{"apiGroups":["NS.example.com"],"resources":["things"],"verbs":["get"]}]}

        GET /apis/rbac.authorization.k8s.io/v1/clusterroles/view json 200~
        > {"apiGroups":["NS.example.com"],"resources":["things"],"verbs":["get"]}

        GET /apis/rbac.authorization.k8s.io/v1/clusterroles/admin json 200~
        > {"apiGroups":["NS.example.com"],"resources":["things"],"verbs":["get"]}

        DELETE /apis/rbac.authorization.k8s.io/v1/clusterroles/NS-part json 200
        > "status":"Success"

        GET /apis/rbac.authorization.k8s.io/v1/clusterroles/admin json 200~
        - NS.example.com

        POST /api/v1/namespaces/NS-access/serviceaccounts json 201
        {"metadata":{"name":"robot"}}

        POST /api/v1/namespaces/NS-access/serviceaccounts/robot/token json 422
        {"spec":{"expirationSeconds":60}}
        > spec.expirationSeconds: Invalid value: 60: may not specify a duration less than 10 minutes

        POST /api/v1/namespaces/NS-access/serviceaccounts/robot/token json 404
        {"spec":{"boundObjectRef":{"apiVersion":"v1","kind":"Pod","name":"none"}}}
        > "message":"pods \"none\" not found"

        POST /api/v1/namespaces/NS-access/serviceaccounts/robot/token json 201
        {"spec":{}}
        > "audiences":["https://kubernetes.default.svc
        > "expirationSeconds":3600
        > "token":"eyJ

        POST /apis/authentication.k8s.io/v1/tokenreviews json 201
        {"spec":{"token":"nonsense"}}
        > "status":{"error":"invalid bearer token","user":{}}

        POST /apis/authentication.k8s.io/v1/tokenreviews json 400
        {"spec":{}}
        > "message":"token is required for TokenReview in authentication"

        DELETE /api/v1/namespaces/NS-access json 200
        > "phase":"Terminating"
        """#
}
