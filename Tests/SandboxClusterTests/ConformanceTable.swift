/// What an API server answers, as a table that runs against the sandbox and against a real cluster alike.
///
/// A case is a request line (method, path, kind of body, expected status), a body, and further lines. A line that starts with
/// `@` names the user to impersonate, and their groups. One that starts with `>` is a fragment that the answer must contain,
/// as JSON with sorted keys; one with `-` must not occur there, and one with `!` must occur in a warning. A status with `~`
/// is expected after a while. `NS` is a name that is unique to the run.
enum ConformanceTable {
    /// The tables, by topic.
    static let all = [
        "access": access, "checks": checks, "objects": objects, "events": events, "forms": forms,
        "pod security": podSecurity, "pods": pods,
        "quotas": quotas,
        "workloads": workloads,
    ]

    static let objects = #"""
        POST /api/v1/namespaces json 201
        {"apiVersion":"v1","kind":"Namespace","metadata":{"name":"NS"}}
        > "phase":"Active"
        > "kubernetes.io/metadata.name":"NS"

        POST /api/v1/namespaces/NS/configmaps json 201
        {"metadata":{"name":"a","labels":{"x":"1"}},"data":{"k":"v"}}
        > "kind":"ConfigMap"
        > "name":"a"

        POST /api/v1/namespaces/NS/configmaps json 409
        {"metadata":{"name":"a"}}
        > "message":"configmaps \"a\" already exists"
        > "reason":"AlreadyExists"

        GET /api/v1/namespaces/NS/configmaps/missing json 404
        > "message":"configmaps \"missing\" not found"

        POST /api/v1/namespaces/NS-none/configmaps json 404
        {"metadata":{"name":"a"}}
        > "message":"namespaces \"NS-none\" not found"

        POST /api/v1/namespaces/NS/configmaps json 422
        {"metadata":{"name":"Bad_Name"}}
        > "message":"ConfigMap \"Bad_Name\" is invalid: metadata.name: Invalid value: \"Bad_Name\": a lowercase RFC 1123 subdomain must
        > "reason":"FieldValueInvalid"

        POST /api/v1/namespaces/NS/configmaps json 422
        {"metadata":{}}
        > metadata.name: Required value: name or generateName is required

        POST /api/v1/namespaces/NS/configmaps json 201
        {"metadata":{"generateName":"gen-"}}
        > "generateName":"gen-"

        PUT /api/v1/namespaces/NS/configmaps/a json 409
        {"metadata":{"name":"a","resourceVersion":"1"},"data":{"k":"v"}}
        > "message":"Operation cannot be fulfilled on configmaps \"a\": the object has been modified; please apply your changes to the latest version and try again"

        PATCH /api/v1/namespaces/NS/configmaps/a merge 200
        {"data":{"k":null,"l":"2"}}
        > "data":{"l":"2"}

        PATCH /api/v1/namespaces/NS/configmaps/a jsonpatch 200
        [{"op":"add","path":"/data/m","value":"3"},{"op":"remove","path":"/data/l"}]
        > "data":{"m":"3"}

        PATCH /api/v1/namespaces/NS/configmaps/a?fieldManager=one apply 409
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"m":"4"}}
        > "message":"Apply failed with 1 conflict: conflict with \"conformance\" using v1: .data.m"
        > "reason":"FieldManagerConflict"
        > "field":".data.m"

        PATCH /api/v1/namespaces/NS/configmaps/a?fieldManager=one&force=true apply 200
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"m":"4","n":"5"}}
        > "data":{"m":"4","n":"5"}
        > "fieldsV1":{"f:data":{"f:m":{},"f:n":{}}},"manager":"one","operation":"Apply"

        PATCH /api/v1/namespaces/NS/configmaps/a?fieldManager=one apply 200
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"},"data":{"m":"4"}}
        > "data":{"m":"4"}

        PATCH /api/v1/namespaces/NS/configmaps/fresh?fieldManager=one apply 201
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"fresh"},"data":{"m":"4"}}
        > "name":"fresh"

        PATCH /apis/apps/v1/namespaces/NS/deployments/struct?fieldManager=one apply 201
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"struct"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","readinessProbe":{"httpGet":{"path":"/","port":80}}}]}}}}
        > "readinessProbe":{"failureThreshold":3,"httpGet":{"path":"/","port":80,"scheme":"HTTP"}

        PATCH /apis/apps/v1/namespaces/NS/deployments/struct?fieldManager=one apply 200
        {"apiVersion":"apps/v1","kind":"Deployment","metadata":{"name":"struct"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        > "name":"c"
        - failureThreshold

        PATCH /api/v1/namespaces/NS/configmaps/a apply 422
        {"apiVersion":"v1","kind":"ConfigMap","metadata":{"name":"a"}}
        > fieldManager: Required value: is required for apply patch

        GET /api/v1/namespaces/NS/configmaps?labelSelector=x%3D1 json 200
        > "kind":"ConfigMapList"
        > "name":"a"

        GET /api/v1/namespaces/NS/configmaps?fieldSelector=metadata.name%3Da json 200
        > "name":"a"

        GET /api/v1/namespaces/NS/configmaps?limit=1 json 200
        > "continue":"
        > "remainingItemCount":

        GET /api/v1/namespaces/NS/configmaps/a table 200
        > "kind":"Table"
        > "name":"Data"

        GET /api/v1/namespaces/NS/configmaps/a partial 200
        > "kind":"PartialObjectMetadata"

        POST /apis/apps/v1/namespaces/NS/deployments?fieldValidation=Strict json 400
        {"metadata":{"name":"w"},"spec":{"nope":1,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        > strict decoding error: unknown field \"spec.nope\"

        POST /apis/apps/v1/namespaces/NS/deployments json 422
        {"metadata":{"name":"w"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"c"}},"spec":{"containers":[{"name":"c","image":"i"}]}}}}
        > `selector` does not match template `labels`

        POST /apis/apps/v1/namespaces/NS/deployments json 422
        {"metadata":{"name":"w"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","volumeMounts":[{"name":"v","mountPath":"/v"}]}]}}}}
        > spec.template.spec.containers[0].volumeMounts[0].name: Not found: \"v\"

        POST /apis/apps/v1/namespaces/NS/deployments json 201
        {"metadata":{"name":"w"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i","ports":[{"containerPort":80}]}]}}}}
        > "progressDeadlineSeconds":600
        > "strategy":{"rollingUpdate":{"maxSurge":"25%","maxUnavailable":"25%"},"type":"RollingUpdate"}
        > "containers":[{"image":"i","imagePullPolicy":"Always","name":"c","ports":[{"containerPort":80,"protocol":"TCP"}],"resources":{},"terminationMessagePath":"/dev/termination-log","terminationMessagePolicy":"File"}]
        > "f:containers":{"k:{\"name\":\"c\"}":{".":{},"f:image":{},
        > "f:strategy":{"f:rollingUpdate":{".":{},"f:maxSurge":{},"f:maxUnavailable":{}},"f:type":{}}

        PATCH /apis/apps/v1/namespaces/NS/deployments/w strategic 200
        {"spec":{"template":{"spec":{"containers":[{"name":"d","image":"j"}]}}}}
        > "image":"i"
        > "image":"j"

        PATCH /apis/apps/v1/namespaces/NS/deployments/w merge 422
        {"spec":{"selector":{"matchLabels":{"a":"c"}}}}
        > field is immutable

        GET /apis/apps/v1/namespaces/NS/deployments/w/scale json 200
        > "kind":"Scale"
        > "selector":"a=b"

        DELETE /api/v1/namespaces/NS/configmaps/a json 409
        {"apiVersion":"v1","kind":"DeleteOptions","preconditions":{"uid":"other"}}
        > "message":"Operation cannot be fulfilled on ConfigMap \"a\": the UID in the precondition (other) does not match the UID in record (

        PATCH /api/v1/namespaces/NS/configmaps/a merge 200
        {"metadata":{"finalizers":["moorage.dev/test"]}}
        > "finalizers":["moorage.dev/test"]

        DELETE /api/v1/namespaces/NS/configmaps/a json 200
        > "deletionTimestamp"
        > "deletionGracePeriodSeconds":0

        PATCH /api/v1/namespaces/NS/configmaps/a merge 200
        {"metadata":{"finalizers":null}}
        > "deletionTimestamp"

        GET /api/v1/namespaces/NS/configmaps/a json 404
        > NotFound

        DELETE /api/v1/namespaces/NS/configmaps/fresh json 200
        > "details":{"kind":"configmaps","name":"fresh","uid":
        > "status":"Success"

        POST /api/v1/namespaces/NS/services json 201
        {"metadata":{"name":"s"},"spec":{"selector":{"a":"b"},"ports":[{"port":80}]}}
        > "internalTrafficPolicy":"Cluster"
        > "ipFamilies":["IPv4"]
        > "ports":[{"port":80,"protocol":"TCP","targetPort":80}]
        > "sessionAffinity":"None"

        PATCH /api/v1/namespaces/NS merge 200
        {"metadata":{"labels":{"pod-security.kubernetes.io/enforce":"restricted"}}}
        > restricted

        POST /api/v1/namespaces/NS/pods json 403
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i"}]}}
        > violates PodSecurity \"restricted:latest\": allowPrivilegeEscalation != false (container \"c\" must set securityContext.allowPrivilegeEscalation=false), unrestricted capabilities (container \"c\" must set securityContext.capabilities.drop=[\"ALL\"]), runAsNonRoot != true (pod or container \"c\" must set securityContext.runAsNonRoot=true), seccompProfile (pod or container \"c\" must set securityContext.seccompProfile.type to \"RuntimeDefault\" or \"Localhost\")

        DELETE /api/v1/namespaces/NS json 200
        > "phase":"Terminating"

        GET /apis/nothing.example.com/v1/things json 404
        > 404 page not found
        """#
}
