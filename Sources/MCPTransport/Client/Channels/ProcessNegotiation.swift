internal import MCPProtocol

extension Connector {
    /// Starts the process, and negotiates over its standard input and output.
    func connect(to command: MCPCommand) async throws -> Connected {
        guard !command.command.isEmpty else {
            throw MCPClientError(.invalidEndpoint, "the command is empty; name the program to run")
        }
        let versions = core.options.versions
        do {
            return try await negotiate(command, versions: versions)
        } catch let error as MCPClientError where error.code == .processEnded {
            // An old server may end at a request that it does not know.
            guard !versions.legacy.isEmpty, !versions.modern.isEmpty, core.options.remembered?.version.era != .legacy
            else { throw error }
            return try await negotiate(command, versions: SupportedVersions(versions.legacy))
        }
    }

    private func negotiate(_ command: MCPCommand, versions: SupportedVersions) async throws -> Connected {
        let channel = ProcessChannel(core: core, command: command)
        channel.start()
        do {
            let agreement = try await negotiate(channel.connection, versions)
            channel.connection.agreed(agreement.version)
            core.agreed(agreement)
            if agreement.version.era == .legacy { try await channel.connection.notify(.initialized) }
            return (agreement, channel.connection)
        } catch {
            await withoutCancellation { await channel.connection.close() }
            throw error
        }
    }

    private func negotiate(
        _ connection: DuplexConnection,
        _ versions: SupportedVersions
    ) async throws -> ClientNegotiation.Agreement {
        var negotiation = ClientNegotiation(
            versions: versions,
            transport: .stdio,
            remembered: core.options.remembered
        )
        var action = negotiation.start()
        var lastError: MCPClientError?
        while true {
            let request: JSONRPCRequest
            var limit = core.limits.requestTime
            switch action {
            case .discover(let version):
                request = DiscoverResult.request(id: core.nextID(), metadata: core.metadata(version))
                if !versions.legacy.isEmpty { limit = min(limit, core.limits.discoverTime) }
            case .initialize(let version):
                request = InitializeParams(
                    protocolVersion: version,
                    capabilities: core.options.capabilities,
                    clientInfo: core.options.clientInfo
                ).request(id: core.nextID())
            case .openEventStream:
                assertionFailure("stdio has no event stream")
                throw MCPClientError(.notMCP, "\(core.name): the process does not speak MCP")
            case .ready(let agreement): return agreement
            case .fail(let failure):
                switch failure {
                case .connectionFailed, .timedOut: throw lastError ?? .negotiation(failure, core.name, status: nil)
                default: throw MCPClientError.negotiation(failure, core.name, status: nil)
                }
            }
            do {
                let response = try await TimeLimit.run(limit, clock: core.clock) {
                    try await connection.send(request, parameterHeaders: ParameterHeaders())
                }
                action = negotiation.receive(.response(response))
            } catch is TimeLimit.Passed {
                lastError = core.timedOut("the process did not answer \(request.method)", after: limit)
                action = negotiation.receive(.timedOut)
            } catch let error as MCPClientError {
                lastError = error
                action = negotiation.receive(.connectionFailed)
            }
        }
    }
}
