extension Reason {
    /// What is to be known of a reason.
    public struct Documentation: Sendable, Hashable {
        /// The conditions and objects that have it, for people.
        public var place: String
        /// What it means and what causes it.
        public var cause: String
        /// What to do; for a good state, that nothing is to be done.
        public var wayOut: String

        init(_ place: String, _ cause: String, _ wayOut: String) {
            self.place = place
            self.cause = cause
            self.wayOut = wayOut
        }
    }

    private static let nothing = "Nothing is to be done."

    /// Cause and way out.
    public var documentation: Documentation {
        switch self {
        case .accepted: Documentation("Accepted", "The rules let the object be.", Reason.nothing)
        case .acceptedWithoutTenant:
            Documentation(
                "Accepted",
                "The server may run, and no MCPTenant claims its namespace: the platform's default plan holds, and Moorage "
                    + "gives the namespace no labels, no quota and no default-deny policy.",
                "Create an MCPTenant whose `spec.namespace.name` is this namespace, with `adopt: true`, if that is not meant."
            )
        case .quotaExceeded:
            Documentation(
                "Accepted",
                "The tenant runs as many servers as its plan lets it; the message has the numbers and the server's place in "
                    + "the queue. It has no objects.",
                "Delete a server, or raise `spec.quotas` of the MCPTenant. The oldest that waits is then admitted by itself."
            )
        case .transportUnsupported:
            Documentation(
                "Accepted",
                "`spec.transport` is `stdio`, which opens no port.",
                "Use an image that serves `streamable-http` or `sse`, or put an adapter into the image."
            )
        case .classNotFound:
            Documentation(
                "Accepted",
                "`spec.className` names an MCPServerClass that is not there.",
                "Create it, or name one of those that the message lists."
            )
        case .referenceNotFound:
            Documentation(
                "Accepted",
                "A Secret or ConfigMap that the server reads is not in its namespace. The message names it and the field.",
                "Create it. The server goes on by itself, within a second."
            )
        case .referenceKeyNotFound:
            Documentation(
                "Accepted",
                "A Secret or ConfigMap is there without a key that the server reads.",
                "Add the key, or name one of those that the message lists."
            )
        case .templateVariableUndefined:
            Documentation(
                "Accepted",
                "A template uses `${NAME}` and no variable of that name is given. Nothing is ever filled in as empty.",
                "Add the variable, or write `$${` where the text itself is meant."
            )
        case .specInvalid:
            Documentation(
                "Accepted",
                "A field holds what the schema lets pass and what still means nothing. The message names it.",
                "Change the field."
            )
        case .podTemplateInvalid:
            Documentation(
                "Accepted",
                "`spec.podTemplate` cannot be merged, or touches what makes the pod the server's: its labels, its container, "
                    + "its image.",
                "Change what the message names."
            )
        case .podSecurityViolation:
            Documentation(
                "Accepted",
                "The pod breaks a control of the Pod Security level that the namespace enforces; the API server would refuse "
                    + "it. The message names field and control.",
                "Change the field, or have `spec.podSecurity` of the MCPTenant changed."
            )
        case .hardeningWeakened:
            Documentation(
                "Accepted",
                "The pod would be less hardened than Moorage makes it, and the tenant does not allow that.",
                "Take the field out, or have `spec.hardening.allowWeakening` set in the MCPTenant."
            )
        case .networkNotPermitted:
            Documentation(
                "Accepted",
                "The server asks for network access that its tenant does not have.",
                "Have it added to `spec.network` of the MCPTenant."
            )
        case .networkRangeForbidden:
            Documentation(
                "Accepted",
                "A range is asked for that holds loopback, link-local or metadata addresses. Nobody can allow these.",
                "Take the range out."
            )
        case .tenantInvalid:
            Documentation(
                "Accepted",
                "A rule of the MCPTenant cannot be followed: an unknown plan, a range or a registry that is none. New servers "
                    + "are refused rather than run under a guess.",
                "Mend the field of the MCPTenant that the message names."
            )
        case .namespaceClaimed:
            Documentation(
                "Accepted of an MCPTenant",
                "An older MCPTenant claims the same namespace.",
                "Name another namespace, or delete the other tenant."
            )
        case .namespaceNotOwned:
            Documentation(
                "Accepted of an MCPTenant",
                "The namespace is there and was not made for this tenant. It is left as it is.",
                "Set `spec.namespace.adopt` to true, or name another namespace."
            )
        case .namespaceTerminating:
            Documentation(
                "Accepted of an MCPTenant",
                "The namespace is being deleted.",
                "Wait. What keeps it is in the namespace's own conditions."
            )
        case .namespaceProtected:
            Documentation(
                "Accepted",
                "The namespace belongs to Kubernetes (`kube-system`, `kube-public`, `kube-node-lease`) or to the controller. No "
                    + "tenant claims it, and no server runs in it.",
                "Use another namespace, or have this one added to `namespaces.allowProtected` in the platform's configuration."
            )
        case .tenantNotProgrammed:
            Documentation(
                "Accepted",
                "The MCPTenant that claims the namespace has not yet written the namespace's labels and its default-deny "
                    + "policy. No pod starts before they are in place.",
                "Wait: the server starts when the tenant is Programmed. If it takes long, see the conditions of the MCPTenant."
            )
        default: imageDocumentation ?? writeDocumentation ?? servingDocumentation
        }
    }

    private var imageDocumentation: Documentation? {
        let place = "ImageVerified, Accepted"
        switch self {
        case .imagePinned: return Documentation("ImageVerified", "The image is named by its digest.", Reason.nothing)
        case .imageNotPinned:
            return Documentation(
                "ImageVerified",
                "The image is named by a tag alone, which the policy allows.",
                "Add the digest, so that what runs is what was tried."
            )
        case .imageNotChecked:
            return Documentation(
                "ImageVerified",
                "The server was refused before its image was looked at.",
                "See the condition Accepted."
            )
        case .imageMissing:
            return Documentation(
                place,
                "Neither the server nor its class names an image.",
                "Set `spec.image`, with its digest."
            )
        case .imageMalformed:
            return Documentation(
                place,
                "The image is no reference by the distribution grammar. The message names the part.",
                "Write it as `registry/name@sha256:…`."
            )
        case .imageLatestTag:
            return Documentation(
                place,
                "The tag is `latest`, or there is neither tag nor digest, which means the same.",
                "Pin the image by its digest."
            )
        case .imageDigestRequired:
            return Documentation(
                place,
                "The policy asks for a digest, and the image has none.",
                "Add `@sha256:…`; `crane digest IMAGE` tells it."
            )
        case .imageRegistryNotAllowed:
            return Documentation(
                place,
                "The image's registry or path is not on the platform's list or not on the tenant's; both must have it.",
                "Use an image from a listed registry, or have the list extended."
            )
        case .imageMirrorNotAllowed:
            return Documentation(
                place,
                "A mirror of the tenant leads to a registry that the platform's list does not have.",
                "Have the mirror added to the platform's `images.allowedRegistries`."
            )
        case .imageNotMirrored:
            return Documentation(
                place,
                "The tenant is airgapped and no mirror covers the image, or a pod-template override names an image by its "
                    + "source.",
                "Add a mirror to `spec.images.mirrors` of the MCPTenant, or write the mirror's name."
            )
        default: return nil
        }
    }

    private var writeDocumentation: Documentation? {
        let place = "Programmed, Ready"
        switch self {
        case .programmed:
            return Documentation("Programmed", "The cluster holds all that was rendered.", Reason.nothing)
        case .programming: return Documentation(place, "The objects are being written.", "Wait a moment.")
        case .notProgrammed:
            return Documentation(
                "Programmed",
                "What is asked for now was refused, so nothing of it was written. What was there before is left.",
                "See the condition Accepted."
            )
        case .nameTaken:
            return Documentation(
                place,
                "An object of the name that a child needs is there and is not Moorage's. It is not touched.",
                "Rename or delete that object, or rename the server."
            )
        case .waitingForDeletion:
            return Documentation(
                place,
                "An object of the name that a child needs is still being deleted.",
                "Wait; look at its finalizers if it stays."
            )
        case .applyRefused:
            return Documentation(
                place,
                "The API server or an admission policy refuses a child as it is. The message is the server's own.",
                "Change what the message names."
            )
        case .applyForbidden:
            return Documentation(
                place,
                "The controller's ServiceAccount may not write a child.",
                "Give it the right: see `config/rbac`."
            )
        case .applyFailed:
            return Documentation(
                place,
                "Writing a child failed for a moment: a conflict, a time-out, an overloaded API server.",
                "Nothing; it is tried again, with growing pauses."
            )
        default: return nil
        }
    }

    private var servingDocumentation: Documentation {
        let place = "Ready"
        switch self {
        case .serving: return Documentation(place, "All pods are up to date and ready.", Reason.nothing)
        case .updateRefused:
            return Documentation(
                place,
                "A change was refused, and what was accepted before serves on.",
                "See the condition Accepted."
            )
        case .suspended:
            return Documentation(
                place,
                "`spec.suspend` is true: there are no pods. The server keeps its place under the quota.",
                "Set `spec.suspend` to false."
            )
        case .rollingOut:
            return Documentation(
                place,
                "New pods are starting. Ready is Unknown while old ones serve, False while none does.",
                "Wait."
            )
        case .imagePullFailed:
            return Documentation(
                place,
                "A node cannot pull the image: it is not there, or may not be read, or the registry is not reached.",
                "See that the registry or mirror has exactly this digest and architecture, and look at `imagePullSecrets`."
            )
        case .containerCrashing:
            return Documentation(
                place,
                "The container ends by itself and is started again.",
                "Look at `kubectl logs --previous`. A server that writes to its own file system must write to `/tmp` or a volume."
            )
        case .containerOutOfMemory:
            return Documentation(
                place,
                "The container used more memory than its limit.",
                "Raise `spec.resources.limits.memory`."
            )
        case .containerConfigurationInvalid:
            return Documentation(
                place,
                "The container cannot be started: a Secret key, a command, a volume, or an image whose user is root.",
                "Mend what the message names; set `spec.podSecurityContext.runAsUser` for an image with a named user."
            )
        case .containerNotReady:
            return Documentation(
                place,
                "The container runs, and its readiness probe fails.",
                "Look at its logs, and at `spec.port` and `spec.probes`."
            )
        case .podUnschedulable:
            return Documentation(
                place,
                "No node takes the pod. The scheduler's message is in the condition.",
                "Lower the requests, or mend selectors, tolerations or volumes, or add nodes."
            )
        case .podForbidden:
            return Documentation(
                place,
                "The API server refuses the pods: Pod Security, or another admission policy of the cluster.",
                "Change what the message names, or the namespace's labels."
            )
        case .resourceQuotaExceeded:
            return Documentation(
                place,
                "The namespace's ResourceQuota leaves no room for the pods.",
                "Lower the server's resources, or raise `spec.quotas.resourceQuota` of the MCPTenant."
            )
        case .rolloutStuck:
            return Documentation(
                "Ready, Stalled",
                "The roll-out made no progress for ten minutes.",
                "Look at `kubectl describe` of the pods; a new change of the server starts a new roll-out."
            )
        case .scaledToZero:
            return Documentation(place, "The Deployment is scaled to no pods.", "Scale it up.")
        case .settled: return Documentation("Reconciling, Stalled", "Nothing is left to be done.", Reason.nothing)
        case .progressing: return Documentation("Stalled", "Work goes on by itself.", Reason.nothing)
        case .waiting:
            return Documentation("Reconciling", "Nothing goes on until somebody acts.", "See the condition Stalled.")
        case .classCurrent:
            return Documentation("ClassCurrent", "The server has the values of its class.", Reason.nothing)
        case .classBehind:
            return Documentation(
                "ClassCurrent",
                "The class has changed, and its roll-out policy is Manual: the server runs on with the values that it had.",
                "Give the annotation `moorage.dev/restart` on the MCPServer a new value, such as the time."
            )
        case .tenantReady: return Documentation("Ready of an MCPTenant", "Servers can run.", Reason.nothing)
        case .quotaLowered:
            return Documentation(
                "Accepted of an MCPTenant",
                "More servers run than the quota allows by now. None is stopped, and new ones wait.",
                "Delete servers, or raise the quota."
            )
        case .terminating:
            return Documentation(
                "Ready of an MCPTenant",
                "The tenant is being deleted; the message says what it waits for.",
                "Wait, or remove what it waits for."
            )
        case .storageKept:
            return Documentation(
                "Event",
                "A PersistentVolumeClaim is no longer used, because `spec.storage` was removed or the server was deleted. It is "
                    + "kept with its data, as `spec.storage.retentionPolicy` says, and a server of the same name uses it again.",
                "Delete the claim if nobody needs the data."
            )
        case .storageDeleted:
            return Documentation(
                "Event",
                "A PersistentVolumeClaim was deleted, as `spec.storage.retentionPolicy` says.",
                Reason.nothing
            )
        case .unreadable:
            return Documentation(
                "Event",
                "The object was written with definitions that this version of Moorage does not know, or past them. Nothing is "
                    + "deleted: what was read of it last holds on. The message names the field.",
                "Install the definitions and the controller of one version (`moorage crd`), then mend the field."
            )
        default: return Documentation("", "", "")
        }
    }

    /// The page `docs/conditions.md`.
    public static var page: String {
        var page = """
            # Conditions and their reasons

            Generated from the sources by `make generate`; do not edit.

            Every MCPServer has the conditions `Accepted`, `ImageVerified`, `Programmed`, `Ready`, `ClassCurrent`,
            `Reconciling` and `Stalled`; an MCPTenant has `Accepted`, `Programmed`, `Ready`, `Reconciling` and `Stalled`.
            `Reconciling` and `Stalled` follow kstatus, so that Argo CD, Flux, Helm and `kubectl wait` read health from them.
            A server that is ready is neither; one that is not is either `Reconciling`, while it may get there by itself, or `Stalled`,
            when somebody has to. A server that is suspended or scaled to zero rests: it is neither, and not ready.

            | reason | in | cause | way out |
            |---|---|---|---|

            """
        for reason in allCases.sorted(by: { $0.rawValue < $1.rawValue }) {
            let documentation = reason.documentation
            page +=
                "| `\(reason.rawValue)` | \(documentation.place) | \(documentation.cause) | \(documentation.wayOut) |\n"
        }
        return page
    }
}
