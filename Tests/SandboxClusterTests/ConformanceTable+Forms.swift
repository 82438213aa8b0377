extension ConformanceTable {
    /// The forms of answers, discovery, and definitions.
    static let forms = #"""
        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-forms"}}

        GET /api/v1/namespaces/NS-forms/configmaps/kube-root-ca.crt json 200~
        > "kind":"ConfigMap"

        GET /api/v1/namespaces/NS-forms/configmaps json 200
        > "kind":"ConfigMapList"
        > "apiVersion":"v1"
        - "kind":"ConfigMap"

        GET /api/v1/namespaces/NS-forms/configmaps partiallist 200
        > "kind":"PartialObjectMetadataList"
        > "kind":"PartialObjectMetadata"

        GET /api/v1/namespaces/NS-forms/configmaps?includeObject=Object table 200
        > "kind":"ConfigMap"

        DELETE /api/v1/namespaces/NS-forms/configmaps?dryRun=All json 200
        > "kind":"ConfigMapList"
        - "kind":"ConfigMap"

        DELETE /api/v1/namespaces json 405
        > the server does not allow this method on the requested resource

        GET /api/v1/namespaces/NS-forms/configmaps?fieldSelector=data.x%3Dy json 400
        > "message":"\"data.x\" is not a known field selector: only \"metadata.name\", \"metadata.namespace\""

        GET /api/v1/namespaces/NS-forms/pods?fieldSelector=data.x%3Dy json 400
        > "message":"field label not supported: data.x"

        GET /api/v1/namespaces/NS-forms/configmaps/none/nothing json 404
        > "message":"the server could not find the requested resource"

        GET /apis/apps/v9/namespaces/NS-forms/deployments json 404
        > "message":"the server could not find the requested resource"

        POST /api/v1/namespaces/NS-forms/serviceaccounts/default/token json 201~
        {"apiVersion":"authentication.k8s.io/v1","kind":"TokenRequest","spec":{}}
        > "kind":"TokenRequest"
        > "boundObjectRef":null,"expirationSeconds":3600
        > "expirationTimestamp":"

        POST /apis/authorization.k8s.io/v1/selfsubjectaccessreviews json 201
        {"apiVersion":"authorization.k8s.io/v1","kind":"SelfSubjectAccessReview","spec":{"resourceAttributes":{"verb":"get","resource":"pods"}}}
        > "allowed":true

        POST /api/v1/namespaces/NS-forms/services?dryRun=All json 201
        {"metadata":{"name":"n"},"spec":{"type":"NodePort","ports":[{"port":80}]}}
        > "externalTrafficPolicy":"Cluster"
        > "ports":[{"nodePort":3

        POST /api/v1/namespaces/NS-forms/services?dryRun=All json 201
        {"metadata":{"name":"n"},"spec":{"type":"ExternalName","externalName":"a.example"}}
        > "spec":{"externalName":"a.example","sessionAffinity":"None","type":"ExternalName"}

        POST /api/v1/namespaces/NS-forms/services?dryRun=All json 201
        {"metadata":{"name":"n"},"spec":{"clusterIP":"None","ports":[{"port":80}]}}
        > "clusterIPs":["None"]
        > "ipFamilies":["IPv4","IPv6"],"ipFamilyPolicy":"RequireDualStack"

        GET /openapi/v2 json 200
        > "swagger":"2.0"
        > "io.k8s.api.apps.v1.Deployment":{
        > "$ref":"#/definitions/io.k8s.apimachinery.pkg.apis.meta.v1.ObjectMeta"
        > "x-kubernetes-group-version-kind":[{"group":"apps","kind":"Deployment","version":"v1"}]

        GET /apis/apiextensions.k8s.io/v1 json 200
        > "categories":["api-extensions"]

        POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All json 422
        {"metadata":{"name":"wrong.name"},"spec":{"group":"moorage-test.example.com","scope":"Namespaced","names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object"}}}]}}
        > "message":"CustomResourceDefinition.apiextensions.k8s.io \"wrong.name\" is invalid: metadata.name: Invalid value: \"wrong.name\": must be spec.names.plural+\".\"+spec.group"

        POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All json 422
        {"metadata":{"name":"things.moorage-test.example.com"},"spec":{"group":"moorage-test.example.com","scope":"Namespaced","names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"properties":{"a":{"type":"string"}}}}}}}]}}
        > spec.validation.openAPIV3Schema.properties[spec].type: Required value: must not be empty for specified object fields

        POST /apis/apiextensions.k8s.io/v1/customresourcedefinitions?dryRun=All json 201
        {"metadata":{"name":"things.moorage-test.example.com"},"spec":{"group":"moorage-test.example.com","scope":"Namespaced","names":{"kind":"Thing","plural":"things"},"versions":[{"name":"v1","served":true,"storage":true,"schema":{"openAPIV3Schema":{"type":"object","properties":{"spec":{"type":"string","format":"nonsense"}}}}}]}}
        ! unrecognized format \"nonsense\"

        DELETE /api/v1/namespaces/NS-forms json 200
        > "phase":"Terminating"
        """#
}
