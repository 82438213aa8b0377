import FoundationEssentials
import TestSupport
import Testing

/// Where a page would load something when somebody reads it. A link is not followed by itself, and is not counted.
struct LoadedContent {
    /// What is loaded from elsewhere, as far as it names a host.
    let addresses: [String]

    /// - Parameter text: Markdown, HTML, CSS or SVG.
    init(_ text: String) {
        // ![text](address), and HTML's attributes; CSS has url() and @import.
        let patterns = [
            /!\[[^\]]*\]\(\s*<?([^)\s>]+)/,
            /(?i:<(?:img|script|iframe|source|video|audio|embed|track|input)\b[^>]*?\ssrc(?:set)?\s*=\s*["']?([^"'\s>]+))/,
            /(?i:<(?:link|image|use)\b[^>]*?href\s*=\s*["']?([^"'\s>]+))/,
            /(?i:<object\b[^>]*?\sdata\s*=\s*["']?([^"'\s>]+))/,
            /(?i:\burl\(\s*["']?([^"')\s]+))/,
            /(?i:@import\s+["']([^"']+))/,
        ]
        let found = patterns.flatMap { pattern in text.matches(of: pattern).map { String($0.output.1) } }
        addresses = found.filter { $0.contains("://") || $0.hasPrefix("//") }
    }
}

@Suite("What our pages load")
struct PageContentTests {
    @Test(
        "an image, a script or a style sheet of another host is found",
        arguments: [
            "![build](https://ci.example/badge.svg)", "text ![](//cdn.example/a.png) text",
            #"<p align="center"><img width="1" src="https://cdn.example/a.png"></p>"#,
            "<SCRIPT\n SRC=https://cdn.example/a.js></SCRIPT>",
            #"<link rel="stylesheet" href="https://fonts.example/css">"#,
            "<style>@import 'https://fonts.example/css';</style>", "a { background: url(https://cdn.example/a.png) }",
            #"<image href="https://cdn.example/a.png"/>"#,
        ]
    )
    func found(text: String) {
        #expect(LoadedContent(text).addresses.count == 1)
    }

    @Test(
        "links and files of this repository are not",
        arguments: [
            "[Helm](https://helm.sh)", "![a diagram](diagram.svg)", "curl https://registry.example/v2/",
            #"<a href="https://helm.sh">Helm</a>"#, #"<img src="docs/a.png">"#, "a { background: url(a.png) }",
        ]
    )
    func allowed(text: String) {
        #expect(LoadedContent(text).addresses.isEmpty)
    }

    @Test("no page of ours loads anything from elsewhere")
    func pages() throws {
        let root = Binary.packageRoot
        var pages = try DocumentationTests.pages()
        for folder in ["charts", "config", "docs", "examples", "Sources", "Tests", "scripts"] {
            pages += try FileManager.default.subpathsOfDirectory(atPath: "\(root)/\(folder)").filter { name in
                [".md", ".html", ".htm", ".css", ".svg", ".js", "NOTES.txt"].contains { name.hasSuffix($0) }
            }.map { "\(folder)/\($0)" }
        }
        for page in Set(pages).sorted() {
            let addresses = try LoadedContent(DocumentationTests.read(page)).addresses
            #expect(addresses.isEmpty, "\(page) loads \(addresses)")
        }
        #expect(pages.count > 20)
    }

    @Test("the programs serve no pages, and the chart names no icon, which a dashboard would load")
    func programs() throws {
        let sources = "\(Binary.packageRoot)/Sources"
        let files = try FileManager.default.subpathsOfDirectory(atPath: sources).filter { $0.hasSuffix(".swift") }
        #expect(files.count > 100)
        for file in files {
            let text = try DocumentationTests.read("Sources/\(file)").lowercased()
            #expect(!text.contains("<!doctype") && !text.contains("<html"), "\(file) has a page")
        }
        #expect(try !DocumentationTests.read("charts/moorage/Chart.yaml").contains("icon:"))
    }
}
