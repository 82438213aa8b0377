extension EnvVar {
    /// Whether a text can name an environment variable: 1 to 253 printable ASCII characters except `=`, as Kubernetes has
    /// it since 1.34 (`RelaxedEnvironmentVariableValidation`).
    public static func isValidName(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count)
            && name.utf8.allSatisfy { (0x20...0x7E).contains($0) && $0 != UInt8(ascii: "=") }
    }
}
