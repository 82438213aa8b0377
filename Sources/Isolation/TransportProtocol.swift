/// The protocols that NetworkPolicies can select (`core/v1.Protocol`).
public enum TransportProtocol: String, Sendable, Hashable, CaseIterable {
    case tcp = "TCP"
    case udp = "UDP"
    case sctp = "SCTP"
}
