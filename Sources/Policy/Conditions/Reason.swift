/// Every reason of Moorage's conditions and events, with its cause and what to do. `docs/conditions.md` is generated
/// from this.
public enum Reason: String, Sendable, Hashable, CaseIterable, Codable {
    // Accepted
    case accepted = "Accepted"
    case acceptedWithoutTenant = "AcceptedWithoutTenant"
    case quotaExceeded = "QuotaExceeded"
    case transportUnsupported = "TransportUnsupported"
    case commandMissing = "CommandMissing"
    case entryPointPending = "EntryPointPending"
    case entryPointMissing = "EntryPointMissing"
    case entryPointsDiffer = "EntryPointsDiffer"
    case registryUnavailable = "RegistryUnavailable"
    case registryDenied = "RegistryDenied"
    case imageNotFound = "ImageNotFound"
    case imageInvalid = "ImageInvalid"
    case classNotFound = "ClassNotFound"
    case referenceNotFound = "ReferenceNotFound"
    case referenceKeyNotFound = "ReferenceKeyNotFound"
    case templateVariableUndefined = "TemplateVariableUndefined"
    case specInvalid = "SpecInvalid"
    case podTemplateInvalid = "PodTemplateInvalid"
    case podSecurityViolation = "PodSecurityViolation"
    case hardeningWeakened = "HardeningWeakened"
    case schedulingNotPermitted = "SchedulingNotPermitted"
    case podMetadataNotPermitted = "PodMetadataNotPermitted"
    case serviceAccountNotPermitted = "ServiceAccountNotPermitted"
    case serviceAccountNotFound = "ServiceAccountNotFound"
    case networkNotPermitted = "NetworkNotPermitted"
    case networkRangeForbidden = "NetworkRangeForbidden"
    case tenantInvalid = "TenantInvalid"
    case namespaceClaimed = "NamespaceClaimed"
    case namespaceNotOwned = "NamespaceNotOwned"
    case namespaceTerminating = "NamespaceTerminating"
    case namespaceRetained = "NamespaceRetained"
    case memberRoleNotAllowed = "MemberRoleNotAllowed"
    case exposureNotAllowed = "ExposureNotAllowed"
    case hostTaken = "HostTaken"
    case namespaceProtected = "NamespaceProtected"
    case tenantNotProgrammed = "TenantNotProgrammed"
    case reviewTooLax = "ReviewTooLax"
    case reviewNeedsHandshake = "ReviewNeedsHandshake"
    case rollbackNotPossible = "RollbackNotPossible"
    case remoteURLInvalid = "RemoteURLInvalid"
    case remoteNotSecure = "RemoteNotSecure"
    case remoteAddressNotAllowed = "RemoteAddressNotAllowed"

    // ImagePolicySatisfied
    case imagePinned = "ImagePinned"
    case imageNotPinned = "ImageNotPinned"
    case imageNotChecked = "ImageNotChecked"
    case imageMissing = "ImageMissing"
    case imageMalformed = "ImageMalformed"
    case imageLatestTag = "ImageLatestTag"
    case imageDigestRequired = "ImageDigestRequired"
    case imageRegistryNotAllowed = "ImageRegistryNotAllowed"
    case imageMirrorNotAllowed = "ImageMirrorNotAllowed"
    case imageNotMirrored = "ImageNotMirrored"

    case pluginUntrusted = "PluginUntrusted"

    // ImageVerified
    case signatureVerified = "SignatureVerified"
    case signaturePending = "SignaturePending"
    case signatureRefused = "SignatureRefused"
    case signatureUnreadable = "SignatureUnreadable"

    // Programmed
    case programmed = "Programmed"
    case programming = "Programming"
    case notProgrammed = "NotProgrammed"
    case nameTaken = "NameTaken"
    case waitingForDeletion = "WaitingForDeletion"
    case applyRefused = "ApplyRefused"
    case applyForbidden = "ApplyForbidden"
    case applyFailed = "ApplyFailed"

    // Ready
    case serving = "Serving"
    case updateRefused = "UpdateRefused"
    case suspended = "Suspended"
    case rollingOut = "RollingOut"
    case imagePullFailed = "ImagePullFailed"
    case containerCrashing = "ContainerCrashing"
    case pluginRefused = "PluginRefused"
    case containerOutOfMemory = "ContainerOutOfMemory"
    case containerConfigurationInvalid = "ContainerConfigurationInvalid"
    case containerNotReady = "ContainerNotReady"
    case podUnschedulable = "PodUnschedulable"
    case podForbidden = "PodForbidden"
    case resourceQuotaExceeded = "ResourceQuotaExceeded"
    case rolloutStuck = "RolloutStuck"
    case scaledToZero = "ScaledToZero"
    case toolQuotaExceeded = "ToolQuotaExceeded"
    case quarantined = "Quarantined"

    // ProtocolVerified
    case protocolVerified = "ProtocolVerified"
    case credentialsRequired = "CredentialsRequired"
    case handshakeDisabled = "HandshakeDisabled"
    case handshakePending = "HandshakePending"
    case handshakeConnectionFailed = "HandshakeConnectionFailed"
    case handshakeRefused = "HandshakeRefused"
    case handshakeTimedOut = "HandshakeTimedOut"
    case endpointNotFound = "EndpointNotFound"
    case transportMismatch = "TransportMismatch"
    case tlsFailed = "TLSFailed"
    case protocolNotSpoken = "ProtocolNotSpoken"
    case protocolVersionUnsupported = "ProtocolVersionUnsupported"
    case protocolInvalid = "ProtocolInvalid"

    // ContractRecorded, ContractDrifted, CurationEnforced
    case contractRecorded = "ContractRecorded"
    case contractPending = "ContractPending"
    case contractTooLarge = "ContractTooLarge"
    case contractStable = "ContractStable"
    case contractDrifted = "ContractDrifted"
    case curationNotEnforced = "CurationNotEnforced"

    // ReviewRequired
    case reviewRequired = "ReviewRequired"
    case candidateStarting = "CandidateStarting"
    case candidateTakingOver = "CandidateTakingOver"
    case candidateRejected = "CandidateRejected"
    case candidateRefused = "CandidateRefused"
    case candidateTimedOut = "CandidateTimedOut"

    // Available
    case unavailable = "Unavailable"

    // Reconciling and Stalled
    case settled = "Settled"
    case progressing = "Progressing"
    case waiting = "Waiting"

    // ClassCurrent
    case classCurrent = "ClassCurrent"
    case classBehind = "ClassBehind"

    // MCPVirtualServer
    case serverNameTaken = "ServerNameTaken"
    case resolvedRefs = "ResolvedRefs"
    case serverNotFound = "ServerNotFound"
    case offerUnknown = "OfferUnknown"
    case toolNotFound = "ToolNotFound"
    case nameConflict = "NameConflict"
    case published = "Published"
    case nothingPublished = "NothingPublished"

    // MCPTenant
    case tenantReady = "TenantReady"
    case quotaLowered = "QuotaLowered"
    case policiesEnforced = "PoliciesEnforced"
    case policiesNotEnforced = "PoliciesNotEnforced"
    case networkCheckFailed = "NetworkCheckFailed"
    case terminating = "Terminating"

    // Events
    case storageKept = "StorageKept"
    case storageDeleted = "StorageDeleted"
    case unreadable = "Unreadable"
    case contractChanged = "ContractChanged"
    case revisionAccepted = "RevisionAccepted"
}
