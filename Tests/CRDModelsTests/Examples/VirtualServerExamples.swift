extension Example {
    /// Valid and invalid MCPVirtualServers.
    static let virtualServers: [Example] = [
        .virtualServer("a virtual server of named servers", "servers: [{name: weather}, {name: maps}]"),
        .virtualServer("a virtual server of all servers", "serverSelector: {}"),
        .virtualServer(
            "a virtual server with everything",
            """
            servers:
              - name: weather
                tools:
                  - {name: get forecast, as: forecast, title: Forecast, description: Says how it will be.}
                  - {name: history}
              - {name: maps, tools: []}
            serverSelector: {matchLabels: {team: travel}}
            prefixes: Always
            toolListing: Search
            """
        ),
        .virtualServer(
            "a virtual server needs servers",
            "prefixes: Always",
            "spec: Invalid value: a virtual server needs servers: set servers, serverSelector, or both"
        ),
        .virtualServer(
            "a name that clients could not use",
            "servers: [{name: weather, tools: [{name: a, as: \"two words\"}]}]",
            """
            spec.servers[0].tools[0].as: Invalid value: "two words": spec.servers[0].tools[0].as in body should match \
            '^[A-Za-z0-9_.-]+$'
            """
        ),
        .virtualServer(
            "a server twice",
            "servers: [{name: weather}, {name: weather}]",
            #"spec.servers[1]: Duplicate value: {"name":"weather"}"#
        ),
        .virtualServer(
            "a tool twice",
            "servers: [{name: weather, tools: [{name: a}, {name: a, as: b}]}]",
            #"spec.servers[0].tools[1]: Duplicate value: {"name":"a"}"#
        ),
        .virtualServer(
            "an unknown listing",
            "{serverSelector: {}, toolListing: Some}",
            #"spec.toolListing: Unsupported value: "Some": supported values: "All", "Search""#,
            notChecked
        ),
    ]
}
