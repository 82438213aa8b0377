extension ConfigurationTemplate {
    /// Whether a text can name a file under `/files`, which is a key of a Secret: 1 to 253 letters, digits, `-`, `_` and `.`,
    /// not `.` and not beginning with `..`.
    public static func isValidFileName(_ name: String) -> Bool {
        (1...253).contains(name.utf8.count) && name != "." && !name.hasPrefix("..")
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "_"), UInt8(ascii: "."):
                    true
                default: false
                }
            }
    }
}
