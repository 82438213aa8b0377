extension ConformanceTable {
    /// What controllers create for workloads.
    static let workloads = #"""
        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-work"}}

        GET /api/v1/namespaces/NS-work/serviceaccounts/default json 200~
        > "name":"default"

        POST /apis/apps/v1/namespaces/NS-work/deployments json 201
        {"metadata":{"name":"idle"},"spec":{"replicas":0,"selector":{"matchLabels":{"a":"idle"}},"template":{"metadata":{"labels":{"a":"idle"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}

        GET /apis/apps/v1/namespaces/NS-work/deployments/idle json 200~
        > "deployment.kubernetes.io/revision":"1"
        > "message":"Deployment has minimum availability.","reason":"MinimumReplicasAvailable","status":"True","type":"Available"
        > has successfully progressed.","reason":"NewReplicaSetAvailable","status":"True","type":"Progressing"
        > "observedGeneration":1,"terminatingReplicas":0

        PATCH /apis/apps/v1/namespaces/NS-work/deployments/idle strategic 200
        {"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:2"}]}}}}

        GET /apis/apps/v1/namespaces/NS-work/replicasets?labelSelector=a%3Didle json 200~
        > "deployment.kubernetes.io/desired-replicas":"0","deployment.kubernetes.io/max-replicas":"0","deployment.kubernetes.io/revision":"1"
        > "deployment.kubernetes.io/desired-replicas":"0","deployment.kubernetes.io/max-replicas":"0","deployment.kubernetes.io/revision":"2"

        PATCH /apis/apps/v1/namespaces/NS-work/deployments/idle strategic 200
        {"spec":{"template":{"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}

        GET /apis/apps/v1/namespaces/NS-work/replicasets?labelSelector=a%3Didle json 200~
        > "deployment.kubernetes.io/revision":"3","deployment.kubernetes.io/revision-history":"1"

        POST /apis/policy/v1/namespaces/NS-work/poddisruptionbudgets json 201
        {"metadata":{"name":"stuck"},"spec":{"maxUnavailable":1,"selector":{"matchLabels":{"a":"stuck"}}}}

        POST /apis/apps/v1/namespaces/NS-work/deployments json 201
        {"metadata":{"name":"stuck"},"spec":{"replicas":3,"progressDeadlineSeconds":1,"selector":{"matchLabels":{"a":"stuck"}},"template":{"metadata":{"labels":{"a":"stuck"}},"spec":{"containers":[{"name":"c","image":"registry.invalid/imagepullbackoff:1"}]}}}}

        GET /apis/apps/v1/namespaces/NS-work/deployments/stuck json 200~
        > has timed out progressing.","reason":"ProgressDeadlineExceeded","status":"False","type":"Progressing"
        > "reason":"MinimumReplicasUnavailable","status":"False","type":"Available"
        > "observedGeneration":1,"replicas":3,"terminatingReplicas":0,"unavailableReplicas":3,"updatedReplicas":3

        GET /apis/policy/v1/namespaces/NS-work/poddisruptionbudgets/stuck json 200~
        > "message":"","observedGeneration":1,"reason":"InsufficientPods","status":"False","type":"DisruptionAllowed"
        > "currentHealthy":0,"desiredHealthy":2,"disruptionsAllowed":0,"expectedPods":3,"observedGeneration":1

        PATCH /apis/apps/v1/namespaces/NS-work/deployments/stuck strategic 200
        {"spec":{"template":{"spec":{"containers":[{"name":"c","image":"registry.invalid/imagepullbackoff:2"}]}}}}

        GET /apis/apps/v1/namespaces/NS-work/deployments/stuck json 200~
        > "reason":"ProgressDeadlineExceeded"
        > "observedGeneration":2,"replicas":4,"terminatingReplicas":0,"unavailableReplicas":4,"updatedReplicas":1

        POST /apis/apps/v1/namespaces/NS-work/statefulsets json 201
        {"metadata":{"name":"s"},"spec":{"replicas":0,"serviceName":"s","selector":{"matchLabels":{"a":"s"}},"template":{"metadata":{"labels":{"a":"s"}},"spec":{"containers":[{"name":"c","image":"i:1"}]}}}}
        > "persistentVolumeClaimRetentionPolicy":{"whenDeleted":"Retain","whenScaled":"Retain"}

        GET /apis/apps/v1/namespaces/NS-work/statefulsets/s json 200~
        > "status":{"availableReplicas":0,"collisionCount":0,"currentRevision":"s-
        > "observedGeneration":1,"replicas":0,"updateRevision":"s-

        GET /apis/apps/v1/namespaces/NS-work/controllerrevisions json 200
        > "data":{"spec":{"template":{"$patch":"replace","metadata":{"labels":{"a":"s"}}
        > "revision":1

        POST /apis/batch/v1/namespaces/NS-work/jobs json 201
        {"metadata":{"name":"j"},"spec":{"suspend":true,"template":{"spec":{"restartPolicy":"Never","containers":[{"name":"c","image":"i:1"}]}}}}
        > "completionMode":"NonIndexed","completions":1,"manualSelector":false,"parallelism":1,"podReplacementPolicy":"TerminatingOrFailed"
        > "batch.kubernetes.io/job-name":"j"

        GET /apis/batch/v1/namespaces/NS-work/jobs/j json 200~
        > "message":"Job suspended","reason":"JobSuspended","status":"True","type":"Suspended"

        GET /apis/batch/v1/namespaces/NS-work/jobs table 200
        > "cells":["j","Suspended","0/1"

        POST /apis/autoscaling/v2/namespaces/NS-work/horizontalpodautoscalers?dryRun=All json 201
        {"metadata":{"name":"h"},"spec":{"maxReplicas":3,"scaleTargetRef":{"apiVersion":"apps/v1","kind":"Deployment","name":"idle"}}}
        > "metrics":[{"resource":{"name":"cpu","target":{"averageUtilization":80,"type":"Utilization"}},"type":"Resource"}],"minReplicas":1

        GET /apis/apps/v1/namespaces/NS-work/deployments?limit=1 json 200
        - "kind":"Deployment"

        DELETE /apis/apps/v1/namespaces/NS-work/deployments/stuck?propagationPolicy=Foreground json 200
        > "foregroundDeletion"

        DELETE /api/v1/namespaces/NS-work json 200
        > "phase":"Terminating"
        """#
}
