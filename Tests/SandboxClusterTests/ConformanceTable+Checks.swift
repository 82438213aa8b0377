extension ConformanceTable {
    /// What is refused about built-in kinds, and the messages.
    static let checks = #"""
        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-checks"}}

        GET /api/v1/namespaces/NS-checks/serviceaccounts/default json 200~
        > "name":"default"

        GET /api/v1/namespaces/NS-checks/configmaps/kube-root-ca.crt json 200~
        > "kind":"ConfigMap"

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 400
        {"metadata":{"name":"a"},"data":{"a":true}}
        > "message":"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal bool into Go struct field ConfigMap.data of type string"

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 400
        {"metadata":{"name":"a"},"data":[1]}
        > "message":"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal array into Go struct field ConfigMap.data of type map[string]string"

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 400
        {"metadata":{"name":"a","labels":{"a":1}}}
        > "message":"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.labels of type string"

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 400
        {"metadata":{"name":1}}
        > "message":"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal number into Go struct field ObjectMeta.metadata.name of type string"

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 400
        {"metadata":"x"}
        > "message":"ConfigMap in version \"v1\" cannot be handled as a ConfigMap: json: cannot unmarshal string into Go struct field ConfigMap.metadata of type v1.ObjectMeta"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 400
        {"metadata":{"name":"a"},"spec":{"replicas":"2"}}
        > "message":"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.replicas of type int32"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 400
        {"metadata":{"name":"a"},"spec":{"replicas":2.5}}
        > "message":"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal number 2.5 into Go struct field DeploymentSpec.spec.replicas of type int32"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 400
        {"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"a","ports":[{"containerPort":"80"}]}]}}}}
        > "message":"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field ContainerPort.spec.template.spec.containers.ports.containerPort of type int32"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 400
        {"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":{"name":"a"}}}}}
        > "message":"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal object into Go struct field PodSpec.spec.template.spec.containers of type []v1.Container"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 400
        {"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"a","resources":{"limits":{"cpu":"x"}}}]}}}}
        > "message":"Deployment in version \"v1\" cannot be handled as a Deployment: quantities must match the regular expression '^([+-]?[0-9.]+)([eEinumkKMGTP]*[-+]?[0-9]*)$'"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 400
        {"metadata":{"name":"a"},"spec":{"paused":"yes"}}
        > "message":"Deployment in version \"v1\" cannot be handled as a Deployment: json: cannot unmarshal string into Go struct field DeploymentSpec.spec.paused of type bool"

        POST /api/v1/namespaces/NS-checks/secrets?dryRun=All json 400
        {"metadata":{"name":"a"},"data":{"a":"%%"}}
        > "message":"Secret in version \"v1\" cannot be handled as a Secret: illegal base64 data at input byte 0"

        POST /api/v1/namespaces/NS-checks/events?dryRun=All json 400
        {"metadata":{"name":"a"},"eventTime":"nope"}
        > "message":"Event in version \"v1\" cannot be handled as a Event: parsing time \"nope\" as \"2006-01-02T15:04:05.000000Z07:00\": cannot parse \"nope\" as \"2006\""

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 400
        {"metadata":{"name":"a"},"kind":"Secret","apiVersion":"v1"}
        > "message":"Secret in version \"v1\" cannot be handled as a ConfigMap: converting (v1.Secret) to (core.ConfigMap): unknown conversion"

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 400
        {"metadata":{"name":"a","namespace":"other"}}
        > "message":"the namespace of the provided object does not match the namespace sent on the request"

        PUT /api/v1/namespaces/NS-checks/configmaps/kube-root-ca.crt?dryRun=All json 400
        {"metadata":{"name":"b"}}
        > "message":"the name of the object (b) does not match the name on the URL (kube-root-ca.crt)"

        PUT /api/v1/namespaces/NS-checks/configmaps/none?dryRun=All json 404
        {"metadata":{"name":"none"}}
        > "message":"configmaps \"none\" not found"

        PUT /api/v1/namespaces/NS-checks/serviceaccounts/none?dryRun=All json 404
        {"metadata":{"name":"none"}}
        > "message":"serviceaccounts \"none\" not found"

        PATCH /api/v1/namespaces/NS-checks/configmaps/none merge 404
        {}
        > "message":"configmaps \"none\" not found"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 422
        {"metadata":{"name":"none"},"spec":{"containers":[]}}
        > "message":"Pod \"none\" is invalid: spec.containers: Required value"

        POST /api/v1/namespaces/NS-checks/services?dryRun=All json 422
        {"metadata":{"name":"none"},"spec":{"ports":[{"port":0},{"port":70000,"name":"A"}],"type":"Odd"}}
        > "message":"Service \"none\" is invalid: [spec.ports[0].name: Required value, spec.ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ports[0].targetPort: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ports[1].name: Invalid value: \"A\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?'), spec.ports[1].port: Invalid value: 70000: must be between 1 and 65535, inclusive, spec.ports[1].targetPort: Invalid value: 70000: must be between 1 and 65535, inclusive, spec.type: Unsupported value: \"Odd\": supported values: \"ClusterIP\", \"ExternalName\", \"LoadBalancer\", \"NodePort\"]"

        POST /api/v1/namespaces/NS-checks/secrets?dryRun=All json 422
        {"metadata":{"name":"a"},"type":"kubernetes.io/tls"}
        > "message":"Secret \"a\" is invalid: [data[tls.crt]: Required value, data[tls.key]: Required value]"

        POST /api/v1/namespaces/NS-checks/configmaps?dryRun=All json 422
        {"metadata":{"name":"a","annotations":{"a b":"c"},"labels":{"-":"x"},"finalizers":["bad"]},"data":{"a b":"c"}}
        > "message":"ConfigMap \"a\" is invalid: [metadata.labels: Invalid value: \"-\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), metadata.annotations: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), metadata.finalizers[0]: Invalid value: \"bad\": name is neither a standard finalizer name nor is it fully qualified, data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+')]"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-checks/rolebindings?dryRun=All json 422
        {"metadata":{"name":"a"},"roleRef":{"kind":"Odd","name":""},"subjects":[{"kind":"ServiceAccount","name":"x"}]}
        > "message":"RoleBinding.rbac.authorization.k8s.io \"a\" is invalid: [roleRef.kind: Unsupported value: \"Odd\": supported values: \"Role\", \"ClusterRole\", roleRef.name: Required value]"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"a","image":"i"}]}}}}
        > "message":"Deployment.apps \"a\" is invalid: [spec.selector: Required value, spec.template.metadata.labels: Invalid value: null: `selector` does not match template `labels`]"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{},"template":{"spec":{"containers":[{"name":"a","image":"i"}]}}}}
        > "message":"Deployment.apps \"a\" is invalid: spec.selector: Invalid value: {}: empty selector is invalid for deployment"

        POST /apis/batch/v1/namespaces/NS-checks/jobs?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"a","image":"i"}]}}}}
        > "message":"Job.batch \"a\" is invalid: spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\""

        POST /apis/networking.k8s.io/v1/namespaces/NS-checks/networkpolicies?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"podSelector":{},"ingress":[{"from":[{"ipBlock":{"cidr":"x"}}],"ports":[{"port":0}]}]}}
        > "message":"NetworkPolicy.networking.k8s.io \"a\" is invalid: [spec.ingress[0].ports[0].port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.ingress[0].from[0].ipBlock.cidr: Invalid value: \"x\": must be a valid CIDR value, (e.g. 10.9.8.0/24 or 2001:db8::/64)]"

        POST /apis/coordination.k8s.io/v1/namespaces/NS-checks/leases?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"leaseDurationSeconds":0}}
        > "message":"Lease.coordination.k8s.io \"a\" is invalid: spec.leaseDurationSeconds: Invalid value: 0: must be greater than 0"

        POST /apis/autoscaling/v2/namespaces/NS-checks/horizontalpodautoscalers?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"maxReplicas":0,"scaleTargetRef":{"kind":"x","name":""}}}
        > "message":"HorizontalPodAutoscaler.autoscaling \"a\" is invalid: [spec.maxReplicas: Required value: must be set and greater than 0, spec.maxReplicas: Invalid value: 0: must be greater than or equal to `minReplicas`, spec.scaleTargetRef.name: Required value, spec.scaleTargetRef.apiVersion: Invalid value: \"\": apiVersion must specify API group]"

        POST /api/v1/namespaces/NS-checks/persistentvolumeclaims?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{}}
        > "message":"PersistentVolumeClaim \"a\" is invalid: [spec.accessModes: Required value: at least 1 access mode is required, spec.resources[storage]: Required value]"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 422
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","ports":[{"containerPort":80,"name":"Bad_Name"},{"containerPort":70000,"name":"toolongtoolongtoolong"},{"containerPort":81,"name":"a"},{"containerPort":81,"name":"a"},{"containerPort":82,"protocol":"X"}]}]}}
        > "message":"Pod \"p\" is invalid: [spec.containers[0].ports[0].name: Invalid value: \"Bad_Name\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), spec.containers[0].ports[1].name: Invalid value: \"toolongtoolongtoolong\": must be no more than 15 characters, spec.containers[0].ports[1].containerPort: Invalid value: 70000: must be between 1 and 65535, inclusive, spec.containers[0].ports[3].name: Duplicate value: \"a\", spec.containers[0].ports[4].protocol: Unsupported value: \"X\": supported values: \"SCTP\", \"TCP\", \"UDP\"]"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 422
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","env":[{"name":"a=b"},{"name":"ok","value":"1","valueFrom":{"fieldRef":{"fieldPath":"metadata.name"}}},{"name":"x","valueFrom":{}},{"name":"y","valueFrom":{"fieldRef":{"fieldPath":"spec.nope"}}},{"name":"z","valueFrom":{"secretKeyRef":{"name":"","key":""}}}]}]}}
        > "message":"Pod \"p\" is invalid: [spec.containers[0].env[0].name: Invalid value: \"a=b\": a valid environment variable name must consist only of printable ASCII characters other than '=', spec.containers[0].env[1].valueFrom: Invalid value: \"\": may not be specified when `value` is not empty, spec.containers[0].env[2].valueFrom: Invalid value: \"\": must specify one of: `fieldRef`, `resourceFieldRef`, `configMapKeyRef`, `secretKeyRef` or `fileKeyRef`, spec.containers[0].env[3].valueFrom.fieldRef.fieldPath: Invalid value: \"spec.nope\": error converting fieldPath: field label not supported: spec.nope, spec.containers[0].env[4].valueFrom.secretKeyRef.name: Invalid value: \"\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*'), spec.containers[0].env[4].valueFrom.secretKeyRef.key: Required value]"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 422
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","livenessProbe":{}},{"name":"d","image":"i:1","readinessProbe":{"httpGet":{"port":0,"path":""},"periodSeconds":-1,"successThreshold":0}},{"name":"e","image":"i:1","livenessProbe":{"tcpSocket":{"port":"Bad_P"},"exec":{"command":[]},"successThreshold":2}}]}}
        > "message":"Pod \"p\" is invalid: [spec.containers[0].livenessProbe: Required value: must specify a handler type, spec.containers[1].readinessProbe.httpGet.port: Invalid value: 0: must be between 1 and 65535, inclusive, spec.containers[1].readinessProbe.periodSeconds: Invalid value: -1: must be greater than or equal to 0, spec.containers[2].livenessProbe.exec.command: Required value, spec.containers[2].livenessProbe.tcpSocket: Forbidden: may not specify more than 1 handler type, spec.containers[2].livenessProbe.successThreshold: Invalid value: 2: must be 1]"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 422
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","volumeMounts":[{"name":"v","mountPath":""},{"name":"w","mountPath":"/a"},{"name":"v","mountPath":"/a"},{"name":"","mountPath":"/b"}]}],"volumes":[{"name":"v","emptyDir":{}},{"name":"w","secret":{},"configMap":{"name":"x"}},{"name":"X","secret":{"secretName":"","defaultMode":9999}},{"name":"pv","persistentVolumeClaim":{}},{"name":"cm","configMap":{}}]}}
        > "message":"Pod \"p\" is invalid: [spec.volumes[1].secret.secretName: Required value, spec.volumes[1].configMap: Forbidden: may not specify more than 1 volume type, spec.volumes[2].secret.secretName: Required value, spec.volumes[2].secret.defaultMode: Invalid value: 9999: must be a number between 0 and 0777 (octal), both inclusive, spec.volumes[2].name: Invalid value: \"X\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?'), spec.volumes[3].persistentVolumeClaim.claimName: Required value, spec.volumes[4].configMap.name: Required value, spec.containers[0].volumeMounts[0].mountPath: Required value, spec.containers[0].volumeMounts[1].name: Not found: \"w\", spec.containers[0].volumeMounts[2].mountPath: Invalid value: \"/a\": must be unique, spec.containers[0].volumeMounts[3].name: Required value, spec.containers[0].volumeMounts[3].name: Not found: \"\"]"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 403
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1"}],"initContainers":[{"name":"c","image":"i:1"},{"name":"i","image":"i:1","readinessProbe":{"exec":{"command":["a"]}},"lifecycle":{"preStop":{"exec":{"command":["a"]}}}}],"terminationGracePeriodSeconds":-1,"activeDeadlineSeconds":0,"dnsPolicy":"Odd","nodeSelector":{"a b":"c"},"serviceAccountName":"Bad_"}}
        > "message":"pods \"p\" is forbidden: error looking up service account NS-checks/Bad_: serviceaccount \"Bad_\" not found"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 422
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"i:1","securityContext":{"seccompProfile":{"type":"Odd"},"capabilities":{"add":["SYS_ADMIN"]},"allowPrivilegeEscalation":false}}],"tolerations":[{"operator":"Exists","value":"x"},{"key":"a","operator":"Odd"},{"key":"a","effect":"NoSchedule","tolerationSeconds":3}],"topologySpreadConstraints":[{"maxSkew":0,"topologyKey":"","whenUnsatisfiable":"x"}]}}
        > "message":"Pod \"p\" is invalid: [spec.containers[0].securityContext.seccompProfile.type: Unsupported value: \"Odd\": supported values: \"Localhost\", \"RuntimeDefault\", \"Unconfined\", spec.topologySpreadConstraints[0].maxSkew: Invalid value: 0: must be greater than zero, spec.topologySpreadConstraints[0].topologyKey: Required value: can not be empty, spec.topologySpreadConstraints[0].whenUnsatisfiable: Unsupported value: \"x\": supported values: \"DoNotSchedule\", \"ScheduleAnyway\", spec.tolerations[0].operator: Invalid value: \"x\": value must be empty when `operator` is 'Exists', spec.tolerations[1].operator: Unsupported value: \"Odd\": supported values: \"Equal\", \"Exists\", spec.tolerations[2].effect: Invalid value: \"NoSchedule\": effect must be 'NoExecute' when `tolerationSeconds` is set]"

        POST /api/v1/namespaces/NS-checks/pods?dryRun=All json 422
        {"metadata":{"name":"Bad","generateName":"x"},"spec":{"containers":[{"name":"c","image":"i:1"}]}}
        > "message":"Pod \"Bad\" is invalid: metadata.name: Invalid value: \"Bad\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}},"strategy":{"type":"Recreate","rollingUpdate":{"maxSurge":1}}}}
        > "message":"Deployment.apps \"a\" is invalid: spec.strategy.rollingUpdate: Forbidden: may not be specified when strategy `type` is 'Recreate'"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}},"strategy":{"rollingUpdate":{"maxSurge":0,"maxUnavailable":0}}}}
        > "message":"Deployment.apps \"a\" is invalid: spec.strategy.rollingUpdate.maxUnavailable: Invalid value: 0: may not be 0 when `maxSurge` is 0"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}},"strategy":{"rollingUpdate":{"maxSurge":"x","maxUnavailable":"101%"}}}}
        > "message":"Deployment.apps \"a\" is invalid: [spec.strategy.rollingUpdate.maxSurge: Invalid value: \"x\": a valid percent string must be a numeric string followed by an ending '%' (e.g. '1%',  or '93%', regex used for validation is '[0-9]+%'), spec.strategy.rollingUpdate.maxUnavailable: Invalid value: \"101%\": must not be greater than 100%]"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{"matchExpressions":[{"key":"a","operator":"In"},{"key":"a b","operator":"Odd"}]},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}
        > "message":"Deployment.apps \"a\" is invalid: [spec.selector.matchExpressions[0].values: Required value: must be specified when `operator` is 'In' or 'NotIn', spec.selector.matchExpressions[1].operator: Invalid value: \"Odd\": not a valid selector operator, spec.selector.matchExpressions[1].key: Invalid value: \"a b\": name part must consist of alphanumeric characters, '-', '_' or '.', and must start and end with an alphanumeric character (e.g. 'MyName',  or 'my.name',  or '123-abc', regex used for validation is '([A-Za-z0-9][-A-Za-z0-9_.]*)?[A-Za-z0-9]'), spec.selector: Invalid value: {\"matchExpressions\":[{\"key\":\"a\",\"operator\":\"In\"},{\"key\":\"a b\",\"operator\":\"Odd\"}]}: invalid label selector]"

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}],"restartPolicy":"Never"}}}}
        > "message":"Deployment.apps \"a\" is invalid: spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\""

        POST /apis/apps/v1/namespaces/NS-checks/deployments?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}],"restartPolicy":"Never","activeDeadlineSeconds":4}}}}
        > "message":"Deployment.apps \"a\" is invalid: [spec.template.spec.restartPolicy: Unsupported value: \"Never\": supported values: \"Always\", spec.template.spec.activeDeadlineSeconds: Forbidden: activeDeadlineSeconds in ReplicaSet is not Supported]"

        POST /apis/apps/v1/namespaces/NS-checks/replicasets?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"selector":{},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}},"replicas":-1}}
        > "message":"ReplicaSet.apps \"a\" is invalid: [spec.replicas: Invalid value: -1: must be greater than or equal to 0, spec.selector: Invalid value: {}: empty selector is invalid for deployment]"

        POST /apis/batch/v1/namespaces/NS-checks/jobs?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:1"}],"restartPolicy":"Always"}},"parallelism":-1,"completions":-1,"backoffLimit":-1,"ttlSecondsAfterFinished":-1}}
        > "message":"Job.batch \"a\" is invalid: [spec.parallelism: Invalid value: -1: must be greater than or equal to 0, spec.completions: Invalid value: -1: must be greater than or equal to 0, spec.backoffLimit: Invalid value: -1: must be greater than or equal to 0, spec.ttlSecondsAfterFinished: Invalid value: -1: must be greater than or equal to 0, spec.template.spec.restartPolicy: Required value: valid values: \"OnFailure\", \"Never\"]"

        POST /api/v1/namespaces/NS-checks/services?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"ports":[{"port":80},{"port":81}]}}
        > "message":"Service \"a\" is invalid: [spec.ports[0].name: Required value, spec.ports[1].name: Required value]"

        POST /api/v1/namespaces/NS-checks/services?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"ports":[{"port":80,"name":"a"},{"port":80,"name":"b"},{"port":81,"name":"a","targetPort":"Bad_"}],"clusterIP":"x","sessionAffinity":"Odd","selector":{"a b":"c"}}}
        > "message":"Service \"a\" is invalid: spec.clusterIPs[0]: Invalid value: \"x\": must be a valid IP address, (e.g. 10.9.8.7 or 2001:db8::ffff)"

        POST /api/v1/namespaces/NS-checks/services?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"type":"ExternalName"}}
        > "message":"Service \"a\" is invalid: spec.externalName: Required value"

        POST /api/v1/namespaces/NS-checks/services?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{}}
        > "message":"Service \"a\" is invalid: spec.ports: Required value"

        POST /apis/networking.k8s.io/v1/namespaces/NS-checks/ingresses?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{}}
        > "message":"Ingress.networking.k8s.io \"a\" is invalid: spec: Invalid value: null: either `defaultBackend` or `rules` must be specified"

        POST /apis/networking.k8s.io/v1/namespaces/NS-checks/networkpolicies?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"podSelector":{},"policyTypes":["Odd"],"egress":[{"to":[{}]},{"to":[{"ipBlock":{"cidr":"10.0.0.0/8","except":["11.0.0.0/8"]},"podSelector":{}}],"ports":[{"protocol":"X","port":"Bad_"},{"port":90,"endPort":80},{"endPort":3}]}]}}
        > "message":"NetworkPolicy.networking.k8s.io \"a\" is invalid: [spec.egress[0].to[0]: Required value: must specify a peer, spec.egress[1].ports[0].protocol: Unsupported value: \"X\": supported values: \"TCP\", \"UDP\", \"SCTP\", spec.egress[1].ports[0].port: Invalid value: \"Bad_\": must contain only alpha-numeric characters (a-z, 0-9), and hyphens (-), spec.egress[1].ports[1].endPort: Invalid value: 90: must be greater than or equal to `port`, spec.egress[1].ports[2].endPort: Invalid value: 3: may not be specified when `port` is not specified, spec.egress[1].to[0].ipBlock.except[0]: Invalid value: \"11.0.0.0/8\": must be a strict subset of `cidr`, spec.egress[1].to[0]: Forbidden: may not specify both ipBlock and another peer, spec.policyTypes[0]: Unsupported value: \"Odd\": supported values: \"Ingress\", \"Egress\"]"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-checks/roles?dryRun=All json 422
        {"metadata":{"name":"a"},"rules":[{},{"verbs":["get"]},{"verbs":["get"],"apiGroups":[""]},{"verbs":["get"],"nonResourceURLs":["/x"]}]}
        > "message":"Role.rbac.authorization.k8s.io \"a\" is invalid: [rules[0].verbs: Required value: verbs must contain at least one value, rules[0].apiGroups: Required value: resource rules must supply at least one api group, rules[0].resources: Required value: resource rules must supply at least one resource, rules[1].apiGroups: Required value: resource rules must supply at least one api group, rules[1].resources: Required value: resource rules must supply at least one resource, rules[2].resources: Required value: resource rules must supply at least one resource, rules[3].nonResourceURLs: Invalid value: [\"/x\"]: namespaced rules cannot apply to non-resource URLs]"

        POST /apis/rbac.authorization.k8s.io/v1/clusterroles?dryRun=All json 422
        {"metadata":{"name":"a"},"rules":[{"verbs":["get"],"nonResourceURLs":["/x"],"resources":["x"],"apiGroups":[""]}]}
        > "message":"ClusterRole.rbac.authorization.k8s.io \"a\" is invalid: rules[0].nonResourceURLs: Invalid value: [\"/x\"]: rules cannot apply to both regular resources and non-resource URLs"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-checks/rolebindings?dryRun=All json 422
        {"metadata":{"name":"a"},"roleRef":{"kind":"Role","name":"x","apiGroup":"y"},"subjects":[{"kind":"ServiceAccount","name":"x","apiGroup":"z"},{"kind":"User","name":""},{"kind":"Odd","name":"s"}]}
        > "message":"RoleBinding.rbac.authorization.k8s.io \"a\" is invalid: [roleRef.apiGroup: Unsupported value: \"y\": supported values: \"rbac.authorization.k8s.io\", subjects[0].apiGroup: Unsupported value: \"z\": supported values: \"\", subjects[1].name: Required value, subjects[2].kind: Unsupported value: \"Odd\": supported values: \"ServiceAccount\", \"User\", \"Group\"]"

        POST /apis/policy/v1/namespaces/NS-checks/poddisruptionbudgets?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"minAvailable":-1,"unhealthyPodEvictionPolicy":"x"}}
        > "message":"PodDisruptionBudget.policy \"a\" is invalid: [spec.minAvailable: Invalid value: -1: must be greater than or equal to 0, spec.unhealthyPodEvictionPolicy: Unsupported value: \"x\": supported values: \"AlwaysAllow\", \"IfHealthyBudget\"]"

        POST /api/v1/namespaces/NS-checks/persistentvolumeclaims?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"accessModes":["Odd"],"resources":{"requests":{"storage":"0"}},"volumeMode":"Odd"}}
        > "message":"PersistentVolumeClaim \"a\" is invalid: [spec.accessModes: Unsupported value: \"Odd\": supported values: \"ReadOnlyMany\", \"ReadWriteMany\", \"ReadWriteOnce\", \"ReadWriteOncePod\", spec.resources[storage]: Invalid value: \"0\": must be greater than zero, spec.volumeMode: Unsupported value: \"Odd\": supported values: \"Block\", \"Filesystem\"]"

        POST /api/v1/namespaces/NS-checks/secrets?dryRun=All json 422
        {"metadata":{"name":"a"},"type":"kubernetes.io/dockerconfigjson","data":{"a b":"YQ=="}}
        > "message":"Secret \"a\" is invalid: [data[a b]: Invalid value: \"a b\": a valid config key must consist of alphanumeric characters, '-', '_' or '.' (e.g. 'key.name',  or 'KEY_NAME',  or 'key-name', regex used for validation is '[-._a-zA-Z0-9]+'), data[.dockerconfigjson]: Required value]"

        POST /api/v1/namespaces/NS-checks/secrets?dryRun=All json 422
        {"metadata":{"name":"a"},"type":"kubernetes.io/service-account-token"}
        > "message":"Secret \"a\" is invalid: metadata.annotations[kubernetes.io/service-account.name]: Required value"

        POST /api/v1/namespaces/NS-checks/serviceaccounts?dryRun=All json 422
        {"metadata":{"name":"A"}}
        > "message":"ServiceAccount \"A\" is invalid: metadata.name: Invalid value: \"A\": a lowercase RFC 1123 subdomain must consist of lower case alphanumeric characters, '-' or '.', and must start and end with an alphanumeric character (e.g. 'example.com', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?(\\.[a-z0-9]([-a-z0-9]*[a-z0-9])?)*')"

        POST /api/v1/namespaces?dryRun=All json 422
        {"metadata":{"name":"A.b"}}
        > "message":"Namespace \"A.b\" is invalid: metadata.name: Invalid value: \"A.b\": a lowercase RFC 1123 label must consist of lower case alphanumeric characters or '-', and must start and end with an alphanumeric character (e.g. 'my-name',  or '123-abc', regex used for validation is '[a-z0-9]([-a-z0-9]*[a-z0-9])?')"

        POST /api/v1/namespaces?dryRun=All json 422
        {"metadata":{"name":"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa"}}
        > "message":"Namespace \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\" is invalid: [metadata.name: Invalid value: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": must be no more than 63 characters, metadata.labels: Invalid value: \"aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa\": must be no more than 63 bytes]"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-checks/roles?dryRun=All json 422
        {"metadata":{"name":"a/b"}}
        > "message":"Role.rbac.authorization.k8s.io \"a/b\" is invalid: metadata.name: Invalid value: \"a/b\": may not contain '/'"

        POST /apis/rbac.authorization.k8s.io/v1/namespaces/NS-checks/roles?dryRun=All json 422
        {"metadata":{"name":"system:a%"}}
        > "message":"Role.rbac.authorization.k8s.io \"system:a%\" is invalid: metadata.name: Invalid value: \"system:a%\": may not contain '%'"

        POST /apis/apps/v1/namespaces/NS-checks/statefulsets?dryRun=All json 422
        {"metadata":{"name":"a.b"},"spec":{"selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}
        > "message":"StatefulSet.apps \"a.b\" is invalid: metadata.name: Invalid value: \"a.b\": must not contain dots"

        POST /apis/coordination.k8s.io/v1/namespaces/NS-checks/leases?dryRun=All json 422
        {"metadata":{"name":"a"},"spec":{"leaseDurationSeconds":1,"leaseTransitions":-1,"holderIdentity":""}}
        > "message":"Lease.coordination.k8s.io \"a\" is invalid: spec.leaseTransitions: Invalid value: -1: must be greater than or equal to 0"

        POST /api/v1/namespaces/NS-checks/services json 201
        {"metadata":{"name":"s"},"spec":{"ports":[{"port":80}]}}

        PATCH /api/v1/namespaces/NS-checks/services/s merge 422
        {"spec":{"clusterIP":"None"}}
        > "message":"Service \"s\" is invalid: spec.clusterIPs[0]: Invalid value: [\"None\"]: may not change once set"

        POST /api/v1/namespaces/NS-checks/persistentvolumeclaims json 201
        {"metadata":{"name":"c"},"spec":{"storageClassName":"none","accessModes":["ReadWriteOnce"],"resources":{"requests":{"storage":"1Gi"}}}}

        PATCH /api/v1/namespaces/NS-checks/persistentvolumeclaims/c merge 422
        {"spec":{"storageClassName":"x"}}
        > spec: Forbidden: spec is immutable after creation except resources.requests and volumeAttributesClassName for bound claims

        POST /apis/apps/v1/namespaces/NS-checks/statefulsets json 201
        {"metadata":{"name":"s"},"spec":{"replicas":0,"serviceName":"x","selector":{"matchLabels":{"a":"b"}},"template":{"metadata":{"labels":{"a":"b"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}

        PATCH /apis/apps/v1/namespaces/NS-checks/statefulsets/s merge 422
        {"spec":{"serviceName":"y"}}
        > "message":"StatefulSet.apps \"s\" is invalid: spec: Forbidden: updates to statefulset spec for fields other than 'replicas', 'ordinals', 'template', 'updateStrategy', 'revisionHistoryLimit', 'persistentVolumeClaimRetentionPolicy' and 'minReadySeconds' are forbidden"

        POST /apis/batch/v1/namespaces/NS-checks/jobs json 201
        {"metadata":{"name":"j"},"spec":{"suspend":true,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}}

        PATCH /apis/batch/v1/namespaces/NS-checks/jobs/j merge 422
        {"spec":{"completions":3}}
        > "message":"Job.batch \"j\" is invalid: spec.completions: Invalid value: 3: field is immutable"

        PATCH /apis/batch/v1/namespaces/NS-checks/jobs/j merge 422
        {"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2"}]}}}}
        > spec.template.spec: Invalid value:

        POST /api/v1/namespaces/NS-checks/pods json 201
        {"metadata":{"name":"p"},"spec":{"containers":[{"name":"c","image":"registry.invalid/imagepullbackoff:1"}]}}

        PATCH /api/v1/namespaces/NS-checks/pods/p strategic 422
        {"spec":{"dnsPolicy":"Default"}}
        > spec: Forbidden: pod updates may not change fields other than `spec.containers[*].image`,`spec.initContainers[*].image`,`spec.activeDeadlineSeconds`

        PATCH /api/v1/namespaces/NS-checks/pods/p strategic 200
        {"spec":{"containers":[{"name":"c","image":"registry.invalid/imagepullbackoff:2"}]}}

        PUT /apis/rbac.authorization.k8s.io/v1/namespaces/NS-checks/roles/none?dryRun=All json 201
        {"metadata":{"name":"none"}}

        PUT /api/v1/namespaces/NS-checks/limitranges/none?dryRun=All json 201
        {"metadata":{"name":"none"},"spec":{"limits":[]}}

        PUT /api/v1/namespaces/NS-checks/serviceaccounts/none?dryRun=All json 404
        {"metadata":{"name":"none"}}
        > serviceaccounts \"none\" not found

        DELETE /api/v1/namespaces/NS-checks json 200
        > "phase":"Terminating"
        """#
}
