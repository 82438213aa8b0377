/// Annotations that Kubernetes itself defines ("Well-Known Labels, Annotations and Taints").
public enum KubernetesAnnotations {
    /// What an object is for, in words.
    public static let description = "kubernetes.io/description"
}
