public import Policy

extension Reason {
    /// The documentation of a reason.
    public struct Documentation: Sendable, Hashable {
        /// The conditions and objects that have it, as text.
        public var place: String
        /// What it means and what causes it.
        public var cause: String
        /// What to do; for a good state, that no action is required.
        public var wayOut: String

        init(_ place: String, _ cause: String, _ wayOut: String) {
            self.place = place
            self.cause = cause
            self.wayOut = wayOut
        }
    }

    static let nothing = "No action is required."

    /// The cause and what to do.
    public var documentation: Documentation {
        switch self {
        case .accepted: Documentation("Accepted", "The object satisfies all rules.", Reason.nothing)
        case .acceptedWithoutTenant:
            Documentation(
                "Accepted",
                """
                The server can run, and no MCPTenant claims its namespace: the platform's default plan applies, \
                and Moorage does not create labels, a quota or a default-deny policy for the namespace.
                """,
                """
                If this is not intended, create an MCPTenant whose `spec.namespace.name` is this namespace, with \
                `adopt: true`.
                """
            )
        case .quotaExceeded:
            Documentation(
                "Accepted",
                """
                The tenant already runs as many servers as its plan allows. The message contains the numbers and \
                the server's position in the queue. No objects are created for the server.
                """,
                """
                Delete a server, or raise `spec.quotas` of the MCPTenant. The oldest waiting server is then \
                admitted automatically.
                """
            )
        case .transportUnsupported:
            Documentation(
                "Accepted",
                "`spec.transport` is `stdio`, and the platform has no image with the adapter that serves it over HTTP.",
                "Set `stdio.image` in the platform's configuration to the image of Moorage, as the chart does."
            )
        case .pluginUntrusted:
            Documentation(
                "Accepted",
                """
                The server has `spec.plugins`, and the tenant has no public key to check signatures with, or the platform has no image \
                that checks them.
                """,
                "Add the key of the signer to `spec.plugins.publicKeys` of the MCPTenant; set `stdio.image` as the chart does."
            )
        case .commandMissing:
            Documentation(
                "Accepted",
                """
                `spec.transport` is `stdio`, and it is not known what to run: `spec.command` starts with an empty text, or it is \
                not set and the entry point of the image is not read from its registry, because the platform disables that, \
                or in `moorage render` and `moorage validate`.
                """,
                "Set `spec.command` to the entry point of the image."
            )
        case .classNotFound:
            Documentation(
                "Accepted",
                "`spec.className` names an MCPServerClass that does not exist.",
                "Create it, use a class that `kubectl get mcpserverclasses` lists, or remove the field."
            )
        case .referenceNotFound:
            Documentation(
                "Accepted",
                """
                A Secret or ConfigMap that the server reads does not exist in its namespace. The message names it \
                and the field.
                """,
                "Create it. The server is then accepted automatically, within a second."
            )
        case .referenceKeyNotFound:
            Documentation(
                "Accepted",
                "A Secret or ConfigMap does not contain a key that the server reads.",
                "Add the key, or use one of the keys that the message lists."
            )
        case .templateVariableUndefined:
            Documentation(
                "Accepted",
                """
                A template uses `${NAME}` and there is no variable with that name. A missing variable is never \
                replaced with an empty text.
                """,
                "Add the variable, or write `$${` for the literal text."
            )
        case .specInvalid:
            Documentation(
                "Accepted",
                "The value of a field satisfies the schema but is not valid. The message names the field.",
                "Change the field."
            )
        case .podTemplateInvalid:
            Documentation(
                "Accepted",
                """
                `spec.podTemplate` cannot be merged, has an unknown field, results in a pod that the API server \
                would refuse, or changes what identifies the server's pod: its labels, container, image or port.
                """,
                "Change the fields that the message names."
            )
        case .podSecurityViolation:
            Documentation(
                "Accepted",
                """
                The pod violates a control of the Pod Security level that the namespace enforces; the API server \
                would refuse it. The message names the field and the control.
                """,
                "Change the field, or ask an administrator to change `spec.podSecurity` of the MCPTenant."
            )
        case .hardeningWeakened:
            Documentation(
                "Accepted",
                "The server weakens the hardened defaults of its pod, and the tenant does not allow that.",
                "Remove the field, or ask an administrator to set `spec.hardening.allowWeakening` in the MCPTenant."
            )
        case .schedulingNotPermitted:
            Documentation(
                "Accepted",
                """
                The server sets something about the placement of its pods that only the platform can set: a node, \
                a scheduler, a `system-` PriorityClass, a toleration of every taint, nodes of the control plane, \
                pods of other namespaces.
                """,
                "Remove the field, or ask an administrator to set it in an MCPServerClass."
            )
        case .podMetadataNotPermitted:
            Documentation(
                "Accepted",
                """
                `spec.podTemplate` sets a label or an annotation that the platform does not allow: some of these \
                attach networks, bypass proxies or configure agents on the node.
                """,
                """
                Remove it, or ask an administrator to add the key to `podMetadata.allowedKeys` in the platform's \
                configuration.
                """
            )
        case .serviceAccountNotPermitted:
            Documentation(
                "Accepted",
                "The server would run as a ServiceAccount that is not its own and that the tenant does not allow.",
                """
                Remove the field, or ask an administrator to add the ServiceAccount to \
                `spec.hardening.serviceAccounts` of the MCPTenant.
                """
            )
        case .serviceAccountNotFound:
            Documentation(
                "Accepted, Ready",
                "The ServiceAccount that the server uses does not exist in its namespace. The message names it.",
                "Create it. The server is then accepted automatically, within seconds."
            )
        case .networkNotPermitted:
            Documentation(
                "Accepted",
                "The server requests network access that its tenant does not allow.",
                "Ask an administrator to add it to `spec.network` of the MCPTenant."
            )
        case .networkRangeForbidden:
            Documentation(
                "Accepted",
                "A requested range contains loopback, link-local or metadata addresses. These cannot be allowed.",
                "Remove the range."
            )
        case .tenantInvalid:
            Documentation(
                "Accepted",
                """
                A setting of the MCPTenant is not valid, such as an unknown plan, an address range or a registry. \
                New servers are refused until it is fixed.
                """,
                "Fix the field of the MCPTenant that the message names."
            )
        case .namespaceClaimed:
            Documentation(
                "Accepted of an MCPTenant",
                "Another MCPTenant already has the namespace. This MCPTenant has no effect on it.",
                "Use another namespace, or delete the other tenant."
            )
        case .namespaceNotOwned:
            Documentation(
                "Accepted of an MCPTenant",
                """
                The namespace already exists and was not created for this tenant. The tenant has no effect on the \
                objects in it.
                """,
                "Set `spec.namespace.adopt` to true, or use another namespace."
            )
        case .namespaceRetained:
            Documentation(
                "Accepted of an MCPServer",
                """
                The tenant of the namespace is deleted, and its namespace was kept (`deletionPolicy: Retain`). The \
                default-deny policy, the quota and the labels are kept, running servers are not changed, and no \
                change is accepted.
                """,
                "Create the tenant again, have another MCPTenant adopt the namespace (`spec.namespace.adopt`), or remove the "
                    + "label `moorage.dev/tenant` from the namespace: the platform's default plan then applies there."
            )
        case .namespaceTerminating:
            Documentation(
                "Accepted of an MCPTenant; Programmed, Ready",
                "The namespace is being deleted.",
                "Wait. The conditions of the namespace show what blocks the deletion."
            )
        case .memberRoleNotAllowed:
            Documentation(
                "Accepted of an MCPTenant",
                "A member names a ClusterRole that the platform's configuration does not list.",
                """
                Give the member the role `Viewer`, `Editor` or `Approver`, or ask an administrator to add the \
                ClusterRole to the platform's `members.clusterRoles` (`config.members.clusterRoles` of the chart, \
                which also lets the controller bind it).
                """
            )
        case .exposureNotAllowed:
            Documentation(
                "Accepted",
                """
                The server requests a host, an IngressClass, a Gateway or an annotation that its tenant or the \
                platform does not allow. Nothing is allowed by default. A server that was exposed before is no \
                longer exposed.
                """,
                """
                Ask an administrator to add it to `spec.exposure` of the MCPTenant, and to `exposure` of the \
                platform's configuration if that is set.
                """
            )
        case .hostTaken:
            Documentation(
                "Accepted",
                """
                A server of another tenant already uses the host, or a wildcard that covers it. The server that \
                was created first keeps the host.
                """,
                "Use another host. The server is accepted automatically when the host is free."
            )
        case .namespaceProtected:
            Documentation(
                "Accepted",
                """
                The namespace belongs to Kubernetes (`kube-system`, `kube-public`, `kube-node-lease`) or to the \
                controller. Tenants and servers cannot use it.
                """,
                """
                Use another namespace, or ask an administrator to add this one to `namespaces.allowProtected` in \
                the platform's configuration.
                """
            )
        case .tenantNotProgrammed:
            Documentation(
                "Accepted",
                """
                The MCPTenant that claims the namespace has not yet written the labels and the default-deny policy \
                of the namespace. No pod is started before that.
                """,
                """
                Wait: the server starts when the tenant is Programmed. If it takes too long, check the conditions \
                of the MCPTenant.
                """
            )
        default:
            imageDocumentation ?? writeDocumentation ?? handshakeDocumentation ?? revisionDocumentation
                ?? entryPointDocumentation ?? signatureDocumentation ?? remoteDocumentation
                ?? virtualServerDocumentation
                ?? servingDocumentation
        }
    }

    private var imageDocumentation: Documentation? {
        let place = "ImagePolicySatisfied, Accepted"
        switch self {
        case .imagePinned:
            return Documentation("ImagePolicySatisfied", "The image is pinned by its digest.", Reason.nothing)
        case .imageNotPinned:
            return Documentation(
                "ImagePolicySatisfied",
                "The image has only a tag, which the policy allows.",
                "Add the digest, so that the image that runs is the image that was tested."
            )
        case .imageNotChecked:
            return Documentation(
                "ImagePolicySatisfied",
                "The server was refused before its image was checked.",
                "See the condition Accepted."
            )
        case .imageMissing:
            return Documentation(
                place,
                "Neither the server nor its class sets an image.",
                "Set `spec.image`, with its digest."
            )
        case .imageMalformed:
            return Documentation(
                place,
                "The image is not a valid image reference. The message names the part that is not valid.",
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
                "The policy requires a digest, and the image does not have one.",
                "Add `@sha256:…`; `crane digest IMAGE` shows the digest."
            )
        case .imageRegistryNotAllowed:
            return Documentation(
                place,
                """
                The image's registry or path is not in the platform's list or not in the tenant's list. Both must \
                contain it.
                """,
                "Use an image from a listed registry, or ask an administrator to extend the list."
            )
        case .imageMirrorNotAllowed:
            return Documentation(
                place,
                "A mirror of the tenant is in a registry that the platform's list does not contain.",
                "Ask an administrator to add the mirror to the platform's `images.allowedRegistries`."
            )
        case .imageNotMirrored:
            return Documentation(
                place,
                "The tenant is air-gapped and no mirror matches the image.",
                "Add a mirror to `spec.images.mirrors` of the MCPTenant."
            )
        default: return nil
        }
    }

    private var writeDocumentation: Documentation? {
        let place = "Programmed, Ready"
        switch self {
        case .programmed:
            return Documentation("Programmed", "All rendered objects are in the cluster.", Reason.nothing)
        case .programming: return Documentation(place, "The objects are being written.", "Wait.")
        case .notProgrammed:
            return Documentation(
                "Programmed",
                "The current spec was refused, so nothing was written. Existing objects are not changed.",
                "See the condition Accepted."
            )
        case .nameTaken:
            return Documentation(
                place,
                "An object with the name of a child already exists and is not managed by Moorage. It is not changed.",
                "Rename or delete that object, or rename the server. The name is checked again within 5 minutes."
            )
        case .waitingForDeletion:
            return Documentation(
                place,
                "An object with the name of a child is still being deleted.",
                "Wait; check its finalizers if it is not deleted."
            )
        case .applyRefused:
            return Documentation(
                place,
                "The API server or an admission policy refuses a child. The message is that of the API server.",
                "Change the fields that the message names."
            )
        case .applyForbidden:
            return Documentation(
                place,
                "The controller's ServiceAccount is not allowed to write a child.",
                "Grant the permission: see `config/rbac`. The write is retried within 5 minutes."
            )
        case .applyFailed:
            return Documentation(
                place,
                "Writing a child failed temporarily: a conflict, a timeout, or an overloaded API server.",
                "No action is required: it is retried with increasing delays."
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
                "Ready: all pods are up to date and ready, or the remote server answers. Available: at least one pod is ready, or the remote server answers.",
                Reason.nothing
            )
        case .unavailable:
            return Documentation(
                "Available",
                "No pod is ready, or the remote server was not reached.",
                "See the condition Ready."
            )
        case .updateRefused:
            return Documentation(
                place,
                "A change was refused, and the last accepted spec continues to serve.",
                "See the condition Accepted."
            )
        case .suspended:
            return Documentation(
                "Ready, Available",
                """
                `spec.suspend` is true: there are no pods, as desired, so Ready is True and Available is False. \
                The server keeps its place in the quota.
                """,
                "Set `spec.suspend` to false to run it."
            )
        case .rollingOut:
            return Documentation(
                place,
                """
                New pods are starting. Ready stays True while the desired number of pods is available; it is \
                Unknown while fewer are, and False while none is. Reconciling is True until the rollout is \
                complete.
                """,
                "Wait."
            )
        case .imagePullFailed:
            return Documentation(
                place,
                "A node cannot pull the image: it does not exist, access is denied, or the registry cannot be reached.",
                """
                Check that the registry or mirror has exactly this digest and architecture, and check \
                `imagePullSecrets`.
                """
            )
        case .containerCrashing:
            return Documentation(
                place,
                "The container terminates and is restarted repeatedly.",
                """
                Check `kubectl logs --previous`. A server that writes to its own file system must write to `/tmp` \
                or a volume.
                """
            )
        case .pluginRefused:
            return Documentation(
                place,
                """
                A bundle of `spec.plugins` is not what was signed: the digest or the signature of its entry is wrong, a file that it \
                lists is missing or changed, or its path leaves the bundle. The message names the bundle and the check. The server \
                does not start with it.
                """,
                """
                Correct the bundle, or `sha256` and `signature`. `moorage plugin verify` shows the same. The pod is tried again by \
                itself.
                """
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
                """
                The container cannot be started: a Secret key, a command, a volume, or an image whose user is the \
                root user.
                """,
                "Fix what the message names; set `spec.podSecurityContext.runAsUser` for an image with a named user."
            )
        case .containerNotReady:
            return Documentation(
                place,
                "The container is running, and its readiness probe fails.",
                "Check its logs, `spec.port` and `spec.probes`."
            )
        case .podUnschedulable:
            return Documentation(
                place,
                "No node fits the pod. The condition contains the scheduler's message.",
                "Lower the requests, fix selectors, tolerations or volumes, or add nodes."
            )
        case .podForbidden:
            return Documentation(
                place,
                """
                The API server refuses the pods: Pod Security, an admission policy or webhook of the cluster, a \
                PriorityClass or RuntimeClass that does not exist. The message is that of the API server, and says \
                what to change.
                """,
                "Change the fields that the message names."
            )
        case .resourceQuotaExceeded:
            return Documentation(
                place,
                "A ResourceQuota of the namespace is exceeded by the pods. The message names it.",
                """
                Lower the server's resources, or raise the quota: `spec.quotas.resourceQuota` of the MCPTenant, if \
                it is managed by Moorage.
                """
            )
        case .rolloutStuck:
            return Documentation(
                "Ready, Stalled",
                "The rollout made no progress for ten minutes.",
                "Check `kubectl describe` of the pods; a new change of the server starts a new rollout."
            )
        case .scaledToZero:
            return Documentation(
                "Ready, Available",
                "The desired number of pods is 0 and there are none, so Ready is True and Available is False.",
                "Scale it up to run it."
            )
        case .settled: return Documentation("Reconciling, Stalled", "All work is done.", Reason.nothing)
        case .progressing:
            return Documentation(
                "Stalled",
                """
                Work is in progress and continues automatically.
                """,
                Reason.nothing
            )
        case .waiting:
            return Documentation("Reconciling", "Work is blocked until someone acts.", "See the condition Stalled.")
        case .classCurrent:
            return Documentation("ClassCurrent", "The server uses the current values of its class.", Reason.nothing)
        case .classBehind:
            return Documentation(
                "ClassCurrent",
                """
                The class has changed, and its rollout policy is Manual: the server continues to run with its \
                previous values.
                """,
                "Set the annotation `moorage.dev/restart` on the MCPServer to a new value, such as the current time."
            )
        case .tenantReady: return Documentation("Ready of an MCPTenant", "Servers can run.", Reason.nothing)
        case .quotaLowered:
            return Documentation(
                "Accepted of an MCPTenant",
                "More servers run than the quota now allows. None of them is stopped, and new servers wait.",
                "Delete servers, or raise the quota."
            )
        case .policiesEnforced:
            return Documentation(
                "NetworkPolicyEnforced of an MCPTenant",
                "Pods of the controller's check could open what NetworkPolicies allow, and nothing else.",
                Reason.nothing
            )
        case .policiesNotEnforced:
            return Documentation(
                "NetworkPolicyEnforced of an MCPTenant",
                """
                The network does not do what NetworkPolicies say, so that tenants are not isolated from each other, or servers are not \
                reached. The message says which.
                """,
                """
                Use a network plug-in that enforces NetworkPolicies, such as Calico or Cilium. `moorage verify isolation --probe` shows \
                each direction. It is checked again after `networkCheck.periodSeconds`, and when the controller restarts.
                """
            )
        case .networkCheckFailed:
            return Documentation(
                "NetworkPolicyEnforced of an MCPTenant",
                """
                It is not known whether the network enforces NetworkPolicies: the pods of the controller's check could not be created, \
                did not start, or did not report. The message has the cause.
                """,
                """
                Check the namespaces of `networkCheck.namespaces`, the image of its pods, and the events there. It is tried again \
                automatically, after up to 10 minutes.
                """
            )
        case .terminating:
            return Documentation(
                "Ready of an MCPTenant",
                "The tenant is being deleted; the message says what the deletion waits for.",
                "Wait, or remove what it waits for."
            )
        case .storageKept:
            return Documentation(
                "Event",
                """
                A PersistentVolumeClaim is no longer used, because `spec.storage` was removed or the server was \
                deleted. It is kept with its data, according to `spec.storage.retentionPolicy`, and a server with \
                the same name uses it again.
                """,
                "Delete the claim if the data is no longer needed."
            )
        case .storageDeleted:
            return Documentation(
                "Event",
                "A PersistentVolumeClaim was deleted, according to `spec.storage.retentionPolicy`.",
                Reason.nothing
            )
        case .unreadable:
            return Documentation(
                "Event",
                """
                The object has a field that this version of Moorage cannot read. It was probably written with \
                CustomResourceDefinitions of another version. Nothing is deleted: the last version that could be \
                read stays in effect. The message names the field.
                """,
                """
                Install the CustomResourceDefinitions and the controller of the same version (`moorage crd`), then \
                fix the field.
                """
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
            `Reconciling` and `Stalled`; an MCPTenant has `Accepted`, `Programmed`, `Ready`, `Reconciling` and `Stalled`, and an
            MCPVirtualServer `Accepted`, `ResolvedRefs`, `Ready`, `Reconciling` and `Stalled`.

            `Ready` says whether a server is in its desired state: it serves requests, or it is suspended or scaled to \
            0 pods. `Available` says whether it has ready pods. `Reconciling` and `Stalled` follow kstatus, which Flux \
            and Helm use to read health: an object is current when both are False and `Ready` is True. `Reconciling` \
            is True while work continues automatically, `Stalled` when someone has to act. `Ready` stays True during a \
            rollout that keeps the desired number of pods available; `Reconciling` is True until it is complete. Argo \
            CD does not read kstatus; [install.md](install.md#gitops) has a health check for it.

            | Reason | In | Cause | What to do |
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
