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
                "Create it, name one that `kubectl get mcpserverclasses` lists, or leave the field out."
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
                "`spec.podTemplate` cannot be merged, has a field that Kubernetes does not have, gives a pod that the API server "
                    + "would refuse, or touches what makes the pod the server's: its labels, container, image or port.",
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
        case .schedulingNotPermitted:
            Documentation(
                "Accepted",
                "The server says something about where its pods run that is the platform's to say: a node, a scheduler, a "
                    + "`system-` PriorityClass, a toleration of every taint, nodes of the control plane, pods of other "
                    + "namespaces.",
                "Take the field out, or have it set in an MCPServerClass."
            )
        case .podMetadataNotPermitted:
            Documentation(
                "Accepted",
                "`spec.podTemplate` sets a label or an annotation that the platform has not allowed: some attach networks, "
                    + "bypass proxies or steer the node's agents.",
                "Take it out, or have the key added to `podMetadata.allowedKeys` of the platform's configuration."
            )
        case .serviceAccountNotPermitted:
            Documentation(
                "Accepted",
                "The server would run as a ServiceAccount that is not its own and that the tenant does not allow.",
                "Leave the field out, or have the account added to `spec.hardening.serviceAccounts` of the MCPTenant."
            )
        case .serviceAccountNotFound:
            Documentation(
                "Accepted, Ready",
                "The ServiceAccount that the server is to run as is not in its namespace. The message names it.",
                "Create it. The server goes on within seconds."
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
                "Another MCPTenant holds the namespace. This one has no effect on it.",
                "Name another namespace, or delete the other tenant."
            )
        case .namespaceNotOwned:
            Documentation(
                "Accepted of an MCPTenant",
                "The namespace exists and was not made for this tenant. The tenant has no effect on what is in it.",
                "Set `spec.namespace.adopt` to true, or name another namespace."
            )
        case .namespaceRetained:
            Documentation(
                "Accepted of an MCPServer",
                "The tenant of the namespace is deleted, and its namespace was kept (`deletionPolicy: Retain`). Default-deny, "
                    + "quota and labels stay, running servers stay exactly as they are, and no change is accepted.",
                "Create the tenant again, have another MCPTenant adopt the namespace (`spec.namespace.adopt`), or remove the "
                    + "label `moorage.dev/tenant` from the namespace: the platform's default plan then holds there."
            )
        case .namespaceTerminating:
            Documentation(
                "Accepted of an MCPTenant",
                "The namespace is being deleted.",
                "Wait. What keeps it is in the namespace's own conditions."
            )
        case .memberRoleNotAllowed:
            Documentation(
                "Accepted of an MCPTenant",
                "A member names a ClusterRole that the platform's configuration does not list.",
                "Give the member the role `Viewer`, `Editor` or `Approver`, or have the ClusterRole added to the platform's "
                    + "`members.clusterRoles` (`config.members.clusterRoles` of the chart, which also lets the controller bind it)."
            )
        case .exposureNotAllowed:
            Documentation(
                "Accepted",
                "The server asks for a host, an Ingress class, a Gateway or an annotation that its tenant, or the platform, does "
                    + "not allow. Nothing is allowed by default. A server that was exposed before is not exposed any longer.",
                "Have it added to `spec.exposure` of the MCPTenant, and to `exposure` of the platform's configuration where "
                    + "that is set."
            )
        case .hostTaken:
            Documentation(
                "Accepted",
                "A server of another tenant has the host, or a wildcard that covers it. Of several, the server that was created "
                    + "first keeps it.",
                "Use another host. The server is accepted as soon as the host is free."
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
        let place = "ImagePolicySatisfied, Accepted"
        switch self {
        case .imagePinned:
            return Documentation("ImagePolicySatisfied", "The image is named by its digest.", Reason.nothing)
        case .imageNotPinned:
            return Documentation(
                "ImagePolicySatisfied",
                "The image is named by a tag alone, which the policy allows.",
                "Add the digest, so that what runs is what was tried."
            )
        case .imageNotChecked:
            return Documentation(
                "ImagePolicySatisfied",
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
                "The tenant is airgapped and no mirror covers the image.",
                "Add a mirror to `spec.images.mirrors` of the MCPTenant."
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
        case .serving:
            return Documentation(
                "Ready, Available",
                "Ready: all pods are up to date and ready. Available: at least one pod is ready to answer.",
                Reason.nothing
            )
        case .unavailable:
            return Documentation("Available", "No pod is ready to answer.", "See the condition Ready.")
        case .updateRefused:
            return Documentation(
                place,
                "A change was refused, and what was accepted before serves on.",
                "See the condition Accepted."
            )
        case .suspended:
            return Documentation(
                "Ready, Available",
                "`spec.suspend` is true: there are no pods, which is what is asked for, so Ready is True and Available is False. "
                    + "The server keeps its place under the quota.",
                "Set `spec.suspend` to false to have it run."
            )
        case .rollingOut:
            return Documentation(
                place,
                "New pods are starting. Ready stays True while as many pods serve as are asked for; it is Unknown while fewer do, "
                    + "and False while none does. Reconciling is True until the rollout is done.",
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
                "The API server refuses the pods: Pod Security, an admission policy or webhook of the cluster, a PriorityClass "
                    + "or RuntimeClass that is not there. The message is the server's own, with what to change.",
                "Change what the message names."
            )
        case .resourceQuotaExceeded:
            return Documentation(
                place,
                "A ResourceQuota of the namespace leaves no room for the pods. The message names it.",
                "Lower the server's resources, or raise the quota: `spec.quotas.resourceQuota` of the MCPTenant, where it is "
                    + "Moorage's own."
            )
        case .rolloutStuck:
            return Documentation(
                "Ready, Stalled",
                "The rollout made no progress for ten minutes.",
                "Look at `kubectl describe` of the pods; a new change of the server starts a new rollout."
            )
        case .scaledToZero:
            return Documentation(
                "Ready, Available",
                "No pods are asked for and there are none, so Ready is True and Available is False.",
                "Scale it up to have it run."
            )
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

            Every MCPServer has the conditions `Accepted`, `ImagePolicySatisfied`, `Programmed`, `Ready`, `Available`, `ClassCurrent`,
            `Reconciling` and `Stalled`; an MCPTenant has `Accepted`, `Programmed`, `Ready`, `Reconciling` and `Stalled`.

            `Ready` says whether a server is as it is asked to be: it serves, or it rests because it is suspended or scaled to no pods.
            `Available` says whether it answers now. `Reconciling` and `Stalled` follow kstatus, from which Flux and Helm read health:
            an object is done when both are False and `Ready` is True. `Reconciling` is True while it may get there by itself, `Stalled`
            when somebody has to act. A rollout that keeps all pods that are asked for available leaves `Ready` True, with `Reconciling`
            True until it is done. Argo CD does not read kstatus; [install.md](install.md#gitops) has a health check for it.

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
