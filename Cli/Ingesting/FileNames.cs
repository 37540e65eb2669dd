using SensorGrid.Core.Catalog;

namespace SensorGrid.Cli.Ingesting;

/// <summary>Factory and machine from where a file lies: its folder and its name.</summary>
internal static class FileNames
{
    /// <summary>Null for standard input and for files in the root folder.</summary>
    public static string? Factory(string file) =>
        file == InputFile.StandardInput ? null : PathPartOf(Path.GetFileName(Path.GetDirectoryName(Path.GetFullPath(file))));

    /// <summary>Null for standard input.</summary>
    public static string? Machine(string file) => file == InputFile.StandardInput ? null : PathPartOf(FormatGuess.BareName(file));

    // Every character that a path cannot have becomes an underscore.
    private static string? PathPartOf(string? name) => string.IsNullOrEmpty(name)
        ? null
        : new string([.. name.Take(PathPart.MaxLength).Select(c => PathPart.HasOnlyAllowed([c]) ? c : '_')]);
}
