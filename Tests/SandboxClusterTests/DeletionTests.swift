import HTTPTypes
import KubernetesAPI
import SandboxCluster
import Testing

@Suite("Deletion in the sandbox")
struct DeletionTests {
    private static let maps = "/api/v1/namespaces/default/configmaps"

    /// An owner with dependents, the first of which blocks a foreground deletion.
    private func family(_ harness: SandboxHarness, finalizer: String? = nil) async throws {
        let (_, owner) = try await harness.call(.post, Self.maps, ["metadata": ["name": "owner"]])
        let uid = owner[path: ["metadata", "uid"]] ?? .null
        for (name, blocks) in [("child", true), ("guest", false)] {
            var child: JSONValue = [
                "metadata": [
                    "name": .string(name),
                    "ownerReferences": [
                        [
                            "apiVersion": "v1", "kind": "ConfigMap", "name": "owner", "uid": uid,
                            "blockOwnerDeletion": .bool(blocks),
                        ]
                    ],
                ]
            ]
            if let finalizer, blocks { child[path: ["metadata", "finalizers"]] = [.string(finalizer)] }
            #expect(try await harness.call(.post, Self.maps, child).code == 201)
        }
    }

    private func code(_ harness: SandboxHarness, _ name: String) async throws -> Int {
        try await harness.call(.get, "\(Self.maps)/\(name)").code
    }

    private func options(_ propagation: String) -> JSONValue {
        ["apiVersion": "v1", "kind": "DeleteOptions", "propagationPolicy": .string(propagation)]
    }

    @Test("a background deletion removes the owner at once, and then its dependents")
    func background() async throws {
        try await withSandbox { harness in
            try await family(harness)
            #expect(try await harness.call(.delete, "\(Self.maps)/owner", options("Background")).code == 200)
            #expect(try await code(harness, "owner") == 404)
            for name in ["child", "guest"] {
                try await harness.eventually("\(name) is deleted") { try await code(harness, name) == 404 }
            }
        }
    }

    @Test("an orphan deletion keeps the dependents, without their owner references")
    func orphan() async throws {
        try await withSandbox { harness in
            try await family(harness)
            let (_, owner) = try await harness.call(.delete, "\(Self.maps)/owner", options("Orphan"))
            #expect(owner[path: ["metadata", "finalizers"]] == ["orphan"])
            try await harness.eventually("the owner is gone") { try await code(harness, "owner") == 404 }
            for name in ["child", "guest"] {
                let (code, child) = try await harness.call(.get, "\(Self.maps)/\(name)")
                #expect(code == 200)
                #expect(child[path: ["metadata", "ownerReferences"]] == nil)
            }
        }
    }

    @Test("a foreground deletion keeps the owner until the blocking dependents are gone")
    func foreground() async throws {
        try await withSandbox { harness in
            try await family(harness, finalizer: "moorage.dev/test")
            let (_, owner) = try await harness.call(.delete, "\(Self.maps)/owner", options("Foreground"))
            #expect(owner[path: ["metadata", "finalizers"]] == ["foregroundDeletion"])
            #expect(owner[path: ["metadata", "deletionTimestamp"]] != nil)
            try await harness.eventually("the child is being deleted") {
                let (_, child) = try await harness.call(.get, "\(Self.maps)/child")
                return child[path: ["metadata", "deletionTimestamp"]] != nil
            }
            try await harness.eventually("the guest is gone") { try await code(harness, "guest") == 404 }
            #expect(try await code(harness, "owner") == 200)
            try await harness.call(
                .patch,
                "\(Self.maps)/child",
                ["metadata": ["finalizers": .null]],
                contentType: "application/merge-patch+json"
            )
            try await harness.eventually("the child is gone") { try await code(harness, "child") == 404 }
            try await harness.eventually("the owner is gone") { try await code(harness, "owner") == 404 }
        }
    }

    @Test("a collection is deleted by its selector")
    func collection() async throws {
        try await withSandbox { harness in
            for (name, color) in [("a", "blue"), ("b", "red"), ("c", "blue")] {
                let object: JSONValue = ["metadata": ["name": .string(name), "labels": ["color": .string(color)]]]
                try await harness.call(.post, Self.maps, object)
            }
            #expect(try await harness.call(.delete, Self.maps, query: ["labelSelector": "color=blue"]).code == 200)
            #expect(try await code(harness, "a") == 404)
            #expect(try await code(harness, "b") == 200)
            #expect(try await code(harness, "c") == 404)
        }
    }
}
