import CRDModels
import KubernetesAPI
import KubernetesClient
import Policy
import SupplyChain
import TestSupport
import Testing

/// A request, and the rule that refuses it. The same request is judged by the Swift form of the rules and by an API server.
struct AdmissionCase: Sendable, CustomTestStringConvertible {
    /// The namespace of a request: of a tenant with few settings of its own, of one that allows weak pods and omits digests, of one
    /// that adopted it and isolates only servers, of one that was deleted, or of no tenant.
    enum Place: String, Sendable, CaseIterable {
        case strict
        case lenient
        case adopted
        case retained
        case none
    }

    enum User: String, Sendable {
        case member = "mallory"
        case administrator = "root"
        case controller = "system:serviceaccount:moorage-system:moorage-controller"
        case collector = "system:serviceaccount:kube-system:generic-garbage-collector"
        case namespaces = "system:serviceaccount:kube-system:namespace-controller"
    }

    enum Operation: Sendable {
        case create(JSONValue)
        /// The change of an object that exists: its name, and a merge patch.
        case update(String, JSONValue)
        case updateEphemeral(String, JSONValue)
        case delete(String)
    }

    var name: String
    var type: ResourceType
    var place: Place
    var user: User
    var operation: Operation
    /// The rules that refuse it; none if it is accepted.
    var broken: [String]

    var testDescription: String { name }

    /// Whether the request adds a debugging container to a pod.
    var isAboutDebugging: Bool {
        if case .updateEphemeral = operation { true } else { false }
    }
}

extension AdmissionCase {
    static let digest = "@sha256:" + String(repeating: "a", count: 64)
    static let goodImage = "registry.example/team/echo" + digest

    /// A pod with Moorage's hardening.
    static func pod(_ change: (inout JSONValue) -> Void = { _ in }) -> JSONValue {
        var pod: JSONValue = [
            "apiVersion": "v1", "kind": "Pod", "metadata": ["name": "probe"],
            "spec": [
                "automountServiceAccountToken": false, "enableServiceLinks": false,
                "securityContext": [
                    "runAsNonRoot": true, "runAsUser": 1000, "seccompProfile": ["type": "RuntimeDefault"],
                ],
                "nodeSelector": ["moorage.dev/none": "true"],
                "containers": [container("mcp", image: goodImage)],
            ],
        ]
        change(&pod)
        return pod
    }

    static func container(_ name: String, image: String) -> JSONValue {
        [
            "name": .string(name), "image": .string(image),
            "securityContext": [
                "allowPrivilegeEscalation": false, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]],
            ],
        ]
    }

    private static func changed(_ path: [String], _ value: JSONValue) -> JSONValue {
        pod { $0[path: ["spec"] + path] = value }
    }

    /// A pod whose container has another setting.
    private static func container(_ path: [String], _ value: JSONValue?) -> JSONValue {
        pod { pod in
            var container = container("mcp", image: goodImage)
            container[path: path] = value
            pod[path: ["spec", "containers"]] = [container]
        }
    }

    private static func image(_ image: String) -> JSONValue {
        pod { $0[path: ["spec", "containers"]] = [container("mcp", image: image)] }
    }

    private static func pod(
        _ name: String,
        _ pod: JSONValue,
        in place: Place = .strict,
        by user: User = .member,
        broken: String...
    ) -> AdmissionCase {
        AdmissionCase(name: name, type: .pods, place: place, user: user, operation: .create(pod), broken: broken)
    }

    static let images: [AdmissionCase] = [
        pod("a hardened pod", pod()),
        pod(
            "a pod of the controller is judged too",
            image("registry.example/team/echo:1"),
            by: .controller,
            broken: "platform-digest",
            "tenant-digest"
        ),
        pod("no digest", image("registry.example/team/echo:1"), broken: "platform-digest", "tenant-digest"),
        pod(
            "an administrator is judged too",
            image("registry.example/team/echo:1"),
            by: .administrator,
            broken: "platform-digest",
            "tenant-digest"
        ),
        pod(
            "a short digest",
            image("registry.example/team/echo@sha256:abc"),
            broken: "platform-digest",
            "tenant-digest",
            "platform-registry",
            "tenant-registry"
        ),
        pod("tag and digest", image("registry.example/team/echo:1.2" + digest)),
        pod("a digest of SHA-512", image("registry.example/team/echo@sha512:" + String(repeating: "b", count: 128))),
        pod("latest and a digest", image("registry.example/team/echo:latest" + digest)),
        pod(
            "another registry",
            image("evil.example/team/echo" + digest),
            broken: "platform-registry",
            "tenant-registry"
        ),
        pod(
            "a name that begins like an allowed one",
            image("registry.example/team-evil/echo" + digest),
            broken: "tenant-registry"
        ),
        pod(
            "a host that begins like an allowed one",
            image("registry.example.evil/team/echo" + digest),
            broken: "platform-registry",
            "tenant-registry"
        ),
        pod(
            "an allowed path in another registry",
            image("evil.example/registry.example/team/echo" + digest),
            broken: "platform-registry",
            "tenant-registry"
        ),
        pod("a host in capitals", image("Registry.EXAMPLE/team/echo" + digest)),
        pod(
            "the same host with a port",
            image("registry.example:5000/team/echo" + digest),
            broken: "platform-registry",
            "tenant-registry"
        ),
        pod("Docker Hub without a host", image("busybox" + digest)),
        pod("Docker Hub by its old name", image("index.docker.io/library/busybox" + digest)),
        pod("Docker Hub with a host and no path", image("docker.io/busybox" + digest)),
        pod("a user of Docker Hub", image("evil/busybox" + digest), broken: "platform-registry", "tenant-registry"),
        pod("the platform's mirror", image("mirror.example/ghcr/acme/x" + digest)),
        pod("the tenant's mirror", image("registry.example/quay/acme/x" + digest)),
        pod("the adapter of the platform", image("ghcr.io/moorage/controller:0.1.0")),
        pod(
            "another image of the adapter's repository",
            image("ghcr.io/moorage/controller:0.2.0"),
            broken: "platform-digest",
            "tenant-digest",
            "platform-registry",
            "tenant-registry"
        ),
        pod("an exempt image", image("quay.io/jetstack/cert-manager-acmesolver:v1.17.0")),
        pod(
            "a name that begins like an exempt one",
            image("quay.io/jetstack-evil/x:1"),
            broken: "platform-digest",
            "tenant-digest",
            "platform-registry",
            "tenant-registry"
        ),
        pod(
            "an init container without a digest",
            pod { $0[path: ["spec", "initContainers"]] = [container("init", image: "registry.example/team/init:1")] },
            broken: "platform-digest",
            "tenant-digest"
        ),
        pod(
            "an image volume without a digest",
            changed(["volumes"], [["name": "v", "image": ["reference": "registry.example/team/data:1"]]]),
            broken: "platform-digest",
            "tenant-digest"
        ),
        pod(
            "an image volume from another registry",
            changed(["volumes"], [["name": "v", "image": ["reference": .string("evil.example/data" + digest)]]]),
            broken: "platform-registry",
            "tenant-registry"
        ),
        pod("a namespace of no tenant", image("evil.example/x:latest"), in: .none),
        pod(
            "the platform's rules hold where a tenant was deleted",
            image("registry.example/team/echo:1"),
            in: .retained,
            broken: "platform-digest"
        ),
        pod("and its list of registries", image("evil.example/x" + digest), in: .retained, broken: "platform-registry"),
        pod(
            "a lenient tenant is bound to the platform's list",
            image("evil.example/x" + digest),
            in: .lenient,
            broken: "platform-registry"
        ),
        pod(
            "and to its digests",
            image("registry.example/x:1"),
            in: .lenient,
            broken: "platform-digest",
            "tenant-digest"
        ),
        pod("a lenient tenant has no list of its own", image("registry.example/other/x" + digest), in: .lenient),
        pod(
            "other pods of an adopted namespace have the platform's rules for images only",
            image("registry.example/other/x" + digest),
            in: .adopted
        ),
    ]

    static let hardening: [AdmissionCase] = [
        pod("hostNetwork", changed(["hostNetwork"], true), broken: "host-namespaces"),
        pod("hostPID", changed(["hostPID"], true), broken: "host-namespaces"),
        pod("hostIPC", changed(["hostIPC"], true), broken: "host-namespaces"),
        pod("shareProcessNamespace", changed(["shareProcessNamespace"], true), broken: "host-namespaces"),
        pod("service links", changed(["enableServiceLinks"], true), broken: "service-links"),
        pod("a path of the node", changed(["volumes"], [["name": "v", "hostPath": ["path": "/"]]]), broken: "volumes"),
        pod(
            "NFS",
            changed(["volumes"], [["name": "v", "nfs": ["server": "nfs.example", "path": "/"]]]),
            broken: "volumes"
        ),
        pod(
            "volumes that are safe",
            changed(
                ["volumes"],
                [
                    ["name": "a", "emptyDir": [:]], ["name": "b", "configMap": ["name": "x"]],
                    ["name": "c", "secret": ["secretName": "x"]],
                ]
            )
        ),
        pod(
            "a token",
            changed(["volumes"], [["name": "t", "projected": ["sources": [["serviceAccountToken": ["path": "t"]]]]]]),
            broken: "identity"
        ),
        pod(
            "a token for the Kubernetes API by its audience",
            changed(
                ["volumes"],
                [
                    [
                        "name": "t",
                        "projected": [
                            "sources": [
                                ["serviceAccountToken": ["path": "t", "audience": "https://kubernetes.default.svc"]]
                            ]
                        ],
                    ]
                ]
            ),
            broken: "identity"
        ),
        pod(
            "a token for a cloud",
            changed(
                ["volumes"],
                [
                    [
                        "name": "t",
                        "projected": [
                            "sources": [["serviceAccountToken": ["path": "t", "audience": "sts.amazonaws.com"]]]
                        ],
                    ]
                ]
            )
        ),
        pod(
            "a token of an allowed ServiceAccount",
            pod {
                $0[path: ["spec", "serviceAccountName"]] = "runner";
                $0[path: ["spec", "volumes"]] = [
                    ["name": "t", "projected": ["sources": [["serviceAccountToken": ["path": "t"]]]]]
                ]
            }
        ),
        pod(
            "a token of a server's own ServiceAccount",
            pod {
                $0[path: ["metadata", "labels"]] = ["moorage.dev/server": "weather"];
                $0[path: ["spec", "serviceAccountName"]] = "weather";
                $0[path: ["spec", "automountServiceAccountToken"]] = true
            }
        ),
        pod("the root group for volumes", changed(["securityContext", "fsGroup"], 0), broken: "root-groups"),
        pod("the root group of the pod", changed(["securityContext", "runAsGroup"], 0), broken: "root-groups"),
        pod(
            "the root group in addition",
            changed(["securityContext", "supplementalGroups"], [5, 0]),
            broken: "root-groups"
        ),
        pod(
            "a safe sysctl",
            changed(["securityContext", "sysctls"], [["name": "net.ipv4.tcp_syncookies", "value": "1"]])
        ),
        pod(
            "an unsafe sysctl",
            changed(["securityContext", "sysctls"], [["name": "kernel.msgmax", "value": "1"]]),
            broken: "sysctls"
        ),
        pod(
            "a privileged container",
            container(
                ["securityContext"],
                ["privileged": true, "readOnlyRootFilesystem": true, "capabilities": ["drop": ["ALL"]]]
            ),
            broken: "privileged",
            "allowPrivilegeEscalation"
        ),
        pod(
            "escalation",
            container(["securityContext", "allowPrivilegeEscalation"], nil),
            broken: "allowPrivilegeEscalation"
        ),
        pod(
            "a writable root",
            container(["securityContext", "readOnlyRootFilesystem"], false),
            broken: "readOnlyRootFilesystem"
        ),
        pod(
            "no security context at all",
            container(["securityContext"], nil),
            broken: "allowPrivilegeEscalation",
            "readOnlyRootFilesystem",
            "capabilities"
        ),
        pod(
            "a container that may be root",
            container(["securityContext", "runAsNonRoot"], false),
            broken: "runAsNonRoot"
        ),
        pod(
            "a pod that may be root",
            changed(["securityContext"], ["runAsUser": 5, "seccompProfile": ["type": "RuntimeDefault"]]),
            broken: "runAsNonRoot"
        ),
        pod("a root container", container(["securityContext", "runAsUser"], 0), broken: "runAsUser"),
        pod("a container of the root group", container(["securityContext", "runAsGroup"], 0), broken: "runAsGroup"),
        pod("no seccomp profile", changed(["securityContext"], ["runAsNonRoot": true]), broken: "seccompProfile"),
        pod(
            "an unconfined container",
            container(["securityContext", "seccompProfile"], ["type": "Unconfined"]),
            broken: "seccompProfile"
        ),
        pod(
            "a profile of the node",
            container(["securityContext", "seccompProfile"], ["type": "Localhost", "localhostProfile": "x.json"])
        ),
        pod("all capabilities", container(["securityContext", "capabilities"], [:]), broken: "capabilities"),
        pod(
            "one capability more",
            container(["securityContext", "capabilities"], ["drop": ["ALL"], "add": ["NET_RAW"]]),
            broken: "capabilities"
        ),
        pod(
            "the capability for low ports",
            container(["securityContext", "capabilities"], ["drop": ["ALL"], "add": ["NET_BIND_SERVICE"]])
        ),
        pod("a port of the node", container(["ports"], [["containerPort": 80, "hostPort": 80]]), broken: "hostPort"),
        pod("a port of the container", container(["ports"], [["containerPort": 80]])),
        pod(
            "unmasked /proc",
            pod { pod in
                var container = container("mcp", image: goodImage)
                container[path: ["securityContext", "procMount"]] = "Unmasked"
                pod[path: ["spec", "hostUsers"]] = false
                pod[path: ["spec", "containers"]] = [container]
            },
            broken: "procMount"
        ),
        pod(
            "a type of SELinux",
            container(["securityContext", "seLinuxOptions"], ["type": "spc_t"]),
            broken: "profiles"
        ),
        pod("a safe type of SELinux", container(["securityContext", "seLinuxOptions"], ["type": "container_t"])),
        pod("a user of SELinux", changed(["securityContext", "seLinuxOptions"], ["user": "root"]), broken: "profiles"),
        pod(
            "no AppArmor",
            container(["securityContext", "appArmorProfile"], ["type": "Unconfined"]),
            broken: "profiles"
        ),
        pod(
            "a probe of another host",
            container(["livenessProbe"], ["httpGet": ["port": 80, "host": "10.0.0.1"]]),
            broken: "handlers"
        ),
        pod(
            "a hook to another host",
            container(["lifecycle"], ["preStop": ["httpGet": ["port": 80, "host": "10.0.0.1"]]]),
            broken: "handlers"
        ),
        pod(
            "a weak init container",
            pod { $0[path: ["spec", "initContainers"]] = [["name": "init", "image": .string(goodImage)]] },
            broken: "allowPrivilegeEscalation",
            "readOnlyRootFilesystem",
            "capabilities"
        ),
        pod("a weak pod where the tenant allows it", changed(["hostNetwork"], true), in: .lenient),
        pod("a weak pod in an adopted namespace", changed(["hostNetwork"], true), in: .adopted),
        pod(
            "a weak server in an adopted namespace",
            pod {
                $0[path: ["metadata", "labels"]] = ["app.kubernetes.io/managed-by": "moorage"];
                $0[path: ["spec", "hostPID"]] = true
            },
            in: .adopted,
            broken: "host-namespaces"
        ),
        AdmissionCase(
            name: "a label of a weak pod that exists",
            type: .pods,
            place: .strict,
            user: .member,
            operation: .update("weak", ["metadata": ["labels": ["a": "b"]]]),
            broken: []
        ),
        AdmissionCase(
            name: "the image of a pod that exists",
            type: .pods,
            place: .strict,
            user: .member,
            operation: .update(
                "hard",
                ["spec": ["containers": [container("mcp", image: "registry.example/team/other:1")]]]
            ),
            broken: ["platform-digest", "tenant-digest"]
        ),
        AdmissionCase(
            name: "a debugging container without hardening",
            type: .pods,
            place: .strict,
            user: .administrator,
            operation: .updateEphemeral("hard", ["name": "debug", "image": .string(goodImage)]),
            broken: ["allowPrivilegeEscalation", "readOnlyRootFilesystem", "capabilities"]
        ),
        AdmissionCase(
            name: "a debugging container without a digest",
            type: .pods,
            place: .strict,
            user: .administrator,
            operation: .updateEphemeral("hard", container("debug", image: "busybox:1")),
            broken: ["platform-digest", "tenant-digest"]
        ),
        AdmissionCase(
            name: "a hardened debugging container",
            type: .pods,
            place: .strict,
            user: .member,
            operation: .updateEphemeral("hard", container("debug", image: "busybox" + digest)),
            broken: []
        ),
    ]

    private static let policy: JSONValue = [
        "apiVersion": "networking.k8s.io/v1", "kind": "NetworkPolicy", "metadata": ["name": "open"],
        "spec": ["podSelector": [:], "ingress": [[:]], "policyTypes": ["Ingress"]],
    ]

    private static func network(
        _ name: String,
        _ operation: Operation,
        in place: Place = .strict,
        by user: User,
        isRefused: Bool
    ) -> AdmissionCase {
        AdmissionCase(
            name: name,
            type: .networkPolicies,
            place: place,
            user: user,
            operation: operation,
            broken: isRefused ? ["network-policy"] : []
        )
    }

    private static func namespace(
        _ name: String,
        _ operation: Operation,
        in place: Place = .strict,
        by user: User,
        isRefused: Bool
    ) -> AdmissionCase {
        AdmissionCase(
            name: name,
            type: .namespaces,
            place: place,
            user: user,
            operation: operation,
            broken: isRefused ? ["namespace-labels"] : []
        )
    }

    private static func labels(_ labels: JSONValue) -> Operation { .update("", ["metadata": ["labels": labels]]) }

    static let cluster: [AdmissionCase] = [
        network("a member opens a namespace", .create(policy), by: .member, isRefused: true),
        network("an administrator opens a namespace", .create(policy), by: .administrator, isRefused: true),
        network("the controller writes a policy", .create(policy), by: .controller, isRefused: false),
        network("a policy where there is no tenant", .create(policy), in: .none, by: .member, isRefused: false),
        network("a policy where a tenant was deleted", .create(policy), in: .retained, by: .member, isRefused: true),
        network(
            "a member changes a policy",
            .update("existing", ["spec": ["ingress": [[:]]]]),
            by: .member,
            isRefused: true
        ),
        network("a member deletes a policy", .delete("existing"), by: .member, isRefused: true),
        network("the controller deletes a policy", .delete("existing"), by: .controller, isRefused: false),
        network("the garbage collector deletes a policy", .delete("existing"), by: .collector, isRefused: false),
        network("the namespace controller deletes a policy", .delete("existing"), by: .namespaces, isRefused: false),
        network("the garbage collector opens a namespace", .create(policy), by: .collector, isRefused: true),

        namespace(
            "a member takes a namespace from its tenant",
            labels(["moorage.dev/tenant": .null]),
            by: .member,
            isRefused: true
        ),
        namespace(
            "a member gives it to another tenant",
            labels(["moorage.dev/tenant": "other"]),
            by: .member,
            isRefused: true
        ),
        namespace(
            "a member hides it from Moorage",
            labels(["app.kubernetes.io/managed-by": .null]),
            by: .member,
            isRefused: true
        ),
        namespace(
            "a member lowers its Pod Security",
            labels(["pod-security.kubernetes.io/enforce": "privileged"]),
            by: .member,
            isRefused: true
        ),
        namespace("a member sets another label", labels(["team": "a"]), by: .member, isRefused: false),
        namespace(
            "a member makes a namespace a tenant's",
            labels(["moorage.dev/tenant": "x", "app.kubernetes.io/managed-by": "moorage"]),
            in: .none,
            by: .member,
            isRefused: true
        ),
        namespace(
            "a member sets Pod Security where there is no tenant",
            labels(["pod-security.kubernetes.io/enforce": "baseline"]),
            in: .none,
            by: .member,
            isRefused: false
        ),
        namespace(
            "an administrator removes the label of a tenant that was deleted",
            labels(["moorage.dev/tenant": .null]),
            in: .retained,
            by: .administrator,
            isRefused: false
        ),
        namespace(
            "the controller labels a namespace",
            labels(["moorage.dev/tenant": "x", "app.kubernetes.io/managed-by": "moorage"]),
            in: .none,
            by: .controller,
            isRefused: false
        ),
    ]

    private static func tenant(_ name: String, _ operation: Operation, by user: User, isRefused: Bool) -> AdmissionCase
    {
        AdmissionCase(
            name: name,
            type: MCPTenant.resourceType,
            place: .strict,
            user: user,
            operation: operation,
            broken: isRefused ? ["tenant-administrator"] : []
        )
    }

    private static let newTenant: JSONValue = [
        "apiVersion": "moorage.dev/v1alpha1", "kind": "MCPTenant", "metadata": ["name": "new"], "spec": [:],
    ]

    private static func server(_ image: String?) -> JSONValue {
        var spec: JSONValue = ["transport": "streamable-http"]
        spec["image"] = image.map { .string($0) }
        return ["apiVersion": "moorage.dev/v1alpha1", "kind": "MCPServer", "metadata": ["name": "new"], "spec": spec]
    }

    private static func server(_ name: String, _ operation: Operation, in place: Place = .strict, broken: String...)
        -> AdmissionCase
    {
        AdmissionCase(
            name: name,
            type: MCPServer.resourceType,
            place: place,
            user: .member,
            operation: operation,
            broken: broken
        )
    }

    static let objects: [AdmissionCase] = [
        tenant("a member creates a tenant", .create(newTenant), by: .member, isRefused: true),
        tenant("an administrator creates a tenant", .create(newTenant), by: .administrator, isRefused: false),
        tenant(
            "a member changes a tenant",
            .update("strict", ["spec": ["hardening": ["allowWeakening": true]]]),
            by: .member,
            isRefused: true
        ),
        tenant(
            "the controller writes a finalizer",
            .update("strict", ["metadata": ["labels": ["a": "b"]]]),
            by: .controller,
            isRefused: false
        ),
        tenant("a member deletes a tenant", .delete("strict"), by: .member, isRefused: true),
        tenant("an administrator deletes a tenant", .delete("strict"), by: .administrator, isRefused: false),

        server("a pinned server", .create(server(goodImage))),
        server("a server without a digest", .create(server("registry.example/team/echo:1")), broken: "server-digest"),
        server(
            "a server from another registry",
            .create(server("evil.example/x" + digest)),
            broken: "server-platform-registry",
            "server-tenant-registry"
        ),
        server(
            "a server that the tenant does not allow",
            .create(server("registry.example/other/x" + digest)),
            broken: "server-tenant-registry"
        ),
        server(
            "a mirror is for pulling, and not for specs",
            .create(server("registry.example/quay/x" + digest)),
            broken: "server-tenant-registry"
        ),
        server("the same for a lenient tenant", .create(server("registry.example/other/x" + digest)), in: .lenient),
        server("a server without an image", .create(server(nil))),
        server("a server where there is no tenant", .create(server("evil.example/x:1")), in: .none),
        server("another field of a server that is not pinned", .update("loose", ["spec": ["args": ["x"]]])),
        server(
            "another image without a digest",
            .update("loose", ["spec": ["image": "registry.example/team/echo:2"]]),
            broken: "server-digest"
        ),
        server("more servers than the quota allows", .create(server(goodImage)), in: .adopted, broken: "server-quota"),
    ]

    static let all = images + hardening + cluster + objects
}
