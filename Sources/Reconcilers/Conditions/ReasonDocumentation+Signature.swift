internal import Policy

extension Reason {
    /// The documentation of the reasons about signatures of images. What serves is not changed.
    var signatureDocumentation: Documentation? {
        let place = "ImageVerified, Accepted"
        switch self {
        case .signatureVerified:
            return Documentation(
                "ImageVerified",
                """
                The image has the signatures and attestations that the platform and the tenant require. The message says who \
                signed, with which key or identity, when, and which log has recorded it.
                """,
                Reason.nothing
            )
        case .signaturePending:
            return Documentation(
                place,
                "The controller is reading the signatures of the image from its registry.",
                "Wait, usually less than a second."
            )
        case .signatureRefused:
            return Documentation(
                place,
                """
                The image does not have a signature or an attestation that the platform or the tenant requires. The message says \
                which check failed for which authority. If the rules only warn, the server runs, and this is only reported in \
                ImageVerified.
                """,
                """
                Sign the image with a key or identity of `images.signatures`, push the signature to the registry of the image, or \
                have an administrator correct the rules. It is checked again automatically, after up to 5 minutes. \
                `moorage verify image` shows the same.
                """
            )
        case .signatureUnreadable:
            return Documentation(
                place,
                """
                It is not known whether the image is signed: its registry cannot be reached, refuses the controller, or sends \
                something that is not valid; or the controller does not read registries. The message has the cause.
                """,
                """
                Check that the controller can reach the registry: its NetworkPolicy, a proxy, pull Secrets, `registries.plainHTTP`, \
                `registries.caFile` and `registries.mode` of the platform's configuration. It is tried again automatically, after \
                up to 5 minutes.
                """
            )
        default: return nil
        }
    }
}
