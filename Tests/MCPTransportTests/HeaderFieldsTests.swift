import HTTPTypes
import MCPProtocol
import MCPTransport
import Testing

@Suite("Header fields")
struct HeaderFieldsTests {
    @Test("fields come back in their order, repeated ones included, and names that HTTP does not allow are left out")
    func roundTrip() {
        let fields: HeaderFields = ["Mcp-Method": "tools/call", "accept": "a", "Accept": "b", "not a token": "x"]
        let back = HeaderFields(HTTPFields(fields))
        #expect(back[all: "ACCEPT"] == ["a", "b"])
        #expect(back[all: "mcp-method"] == ["tools/call"])
        #expect(back.fields.count == 3)
    }
}
