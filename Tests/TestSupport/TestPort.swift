/// Ports for programs that cannot choose one themselves.
public enum TestPort {
    /// A port outside the range from which the kernel takes the local ports of connections, 32768 to 60999, so that none of them is in
    /// the way.
    public static func random() -> Int { Int.random(in: 20_000..<32_000) }
}
