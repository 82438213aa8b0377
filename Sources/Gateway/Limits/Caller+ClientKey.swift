extension Caller {
    /// What the calls of an OAuth client are counted under. The id of a client is only unique for its issuer. A caller without a client,
    /// such as a ServiceAccount, is counted on its own.
    var clientKey: String {
        if let clientID { "client\n\(issuer)\n\(clientID)" } else { "caller\n\(id)" }
    }
}
