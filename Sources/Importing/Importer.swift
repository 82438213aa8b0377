/// Converts servers that were written for other programs into manifests of Moorage.
///
/// It does no input and output, so the same inputs result in the same manifests. Nothing is lost silently: each field of an input is
/// either in the manifests or in a finding.
public enum Importer {
    /// Converts files.
    ///
    /// - Parameters:
    ///   - sources: the files, in the order of the findings.
    ///   - options: what the user decides.
    public static func run(_ sources: [ImportSource], options: ImportOptions = ImportOptions()) -> ImportResult {
        var run = ImportRun(options: options)
        for source in sources { run.read(source) }
        return run.finish()
    }
}
