extension ConformanceTable {
    /// Events: one store in two shapes.
    static let events = #"""
        POST /api/v1/namespaces json 201
        {"metadata":{"name":"NS-events"}}

        POST /api/v1/namespaces/NS-events/events json 201
        {"metadata":{"name":"a"},"involvedObject":{"kind":"Pod","name":"p","namespace":"NS-events"},"reason":"R","message":"m","type":"Normal","source":{"component":"c"},"firstTimestamp":"2026-01-01T00:00:00Z","count":3}
        > "eventTime":null
        > "lastTimestamp":null
        > "reportingComponent":""

        GET /apis/events.k8s.io/v1/namespaces/NS-events/events/a json 200
        > "apiVersion":"events.k8s.io/v1"
        > "deprecatedCount":3,"deprecatedFirstTimestamp":"2026-01-01T00:00:00Z","deprecatedLastTimestamp":null,"deprecatedSource":{"component":"c"},"eventTime":null
        > "note":"m"
        > "regarding":{"kind":"Pod","name":"p","namespace":"NS-events"}
        - "involvedObject":

        POST /apis/events.k8s.io/v1/namespaces/NS-events/events json 201
        {"metadata":{"name":"b"},"eventTime":"2026-01-01T00:00:00.000001Z","reportingController":"moorage.dev/c","reportingInstance":"i","action":"A","reason":"R","regarding":{"kind":"Pod","name":"p","namespace":"NS-events"},"note":"n","type":"Warning"}
        > "deprecatedSource":{}
        > "reportingController":"moorage.dev/c"

        GET /api/v1/namespaces/NS-events/events/b json 200
        > "apiVersion":"v1"
        > "involvedObject":{"kind":"Pod","name":"p","namespace":"NS-events"}
        > "message":"n"
        > "reportingComponent":"moorage.dev/c"
        > "source":{}

        GET /api/v1/namespaces/NS-events/events?fieldSelector=involvedObject.name%3Dp json 200
        > "name":"a"
        > "name":"b"

        GET /apis/events.k8s.io/v1/namespaces/NS-events/events?fieldSelector=regarding.name%3Dp json 200
        > "name":"a"
        > "name":"b"

        GET /api/v1/namespaces/NS-events/events?fieldSelector=source%3Dmoorage.dev/c json 200
        > "name":"b"
        - "name":"a"

        GET /apis/events.k8s.io/v1/namespaces/NS-events/events?fieldSelector=involvedObject.name%3Dp json 400
        > "message":"field label not supported: involvedObject.name"

        GET /apis/events.k8s.io/v1/namespaces/NS-events/events table 200
        > "name":"Last Seen"
        > "name":"Subobject"

        PATCH /apis/events.k8s.io/v1/namespaces/NS-events/events/b merge 422
        {"note":"other"}
        > "message":"Event \"b\" is invalid: message: Invalid value: \"other\": field is immutable"

        PATCH /apis/events.k8s.io/v1/namespaces/NS-events/events/b merge 200
        {"series":{"count":5,"lastObservedTime":"2026-01-01T00:00:01.000001Z"}}
        > "series":{"count":5,"lastObservedTime":"2026-01-01T00:00:01.000001Z"}

        PATCH /api/v1/namespaces/NS-events/events/a merge 200
        {"count":4,"message":"new"}
        > "count":4

        POST /apis/events.k8s.io/v1/namespaces/NS-events/events json 422
        {"metadata":{"name":"b"}}
        > "message":"Event \"b\" is invalid: [involvedObject.namespace: Invalid value: \"\": does not match event.namespace, eventTime: Required value, type: Invalid value: \"\": has invalid value: ]"

        POST /apis/events.k8s.io/v1/namespaces/NS-events/events json 422
        {"metadata":{"name":"b"},"eventTime":"2026-01-01T00:00:00.000001Z","regarding":{"namespace":"NS-events"},"reportingController":"a","reportingInstance":"b","action":"c","reason":"d","type":"Normal","series":{"count":1}}
        > [series.count: Invalid value: \"\": should be at least 2, series.lastObservedTime: Required value]

        POST /api/v1/namespaces/NS-events/events json 422
        {"metadata":{"name":"c"},"involvedObject":{"namespace":"default"}}
        > involvedObject.namespace: Invalid value: \"default\": does not match event.namespace

        DELETE /api/v1/namespaces/NS-events json 200
        > "phase":"Terminating"
        """#
}
