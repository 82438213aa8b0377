import Testing

@testable import SBOM

@Suite("The license of a package")
struct LicenseTests {
    /// The sentences by which a license is recognized, in the form in which they are in files.
    static let apache = """
                                         Apache License
                                   Version 2.0, January 2004

              3. Grant of Patent License. Subject to the terms and conditions
        """
    static let mit = """
        Permission is hereby granted, free of charge, to any person
        obtaining a copy of this software

        The above copyright notice and this permission notice shall be
        included
        """
    static let binary = """
        * Redistributions in binary form must reproduce the above copyright
          notice
        """

    @Test(
        "common licenses are recognized by their sentences",
        arguments: [
            (apache, "Apache-2.0"),
            (
                apache + "\n## Runtime Library Exception to the Apache 2.0 License: ##\n",
                "Apache-2.0 WITH Swift-exception"
            ),
            ("The MIT License (MIT)\n" + mit, "MIT"),
            (binary, "BSD-2-Clause"),
            (binary + "\nendorse or promote products derived from\nthis software", "BSD-3-Clause"),
        ]
    )
    func known(text: String, expression: String) {
        #expect(License.recognize(text) == expression)
    }

    @Test(
        "nothing is claimed about another text, or about two licenses in one file",
        arguments: ["", "All rights reserved.", "MIT", apache + mit, binary + "\nadvertising materials"]
    )
    func unknown(text: String) {
        #expect(License.recognize(text) == nil)
    }
}
