using System.Security.Cryptography;
using System.Text;

namespace SensorGrid.Historian.Migrations;

/// <summary>One step of the schema. Once landed it never changes: the next version says what is different.</summary>
/// <param name="Name">The file's name without its number: <c>schema</c>.</param>
public sealed record Migration(int Version, string Name, string Sql)
{
    /// <summary>Lower-case hex of the SHA-256 of the SQL's UTF-8 with LF line ends.</summary>
    public string Sha256 { get; } = Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(Sql.ReplaceLineEndings("\n"))));

    /// <summary>The files embedded in this assembly, named <c>0001_name.sql</c>, in order.</summary>
    public static IReadOnlyList<Migration> Embedded { get; } = ReadEmbedded();

    private static List<Migration> ReadEmbedded()
    {
        var assembly = typeof(Migration).Assembly;
        var prefix = typeof(Migration).Namespace + ".";
        var migrations = new List<Migration>();
        foreach (var resource in assembly.GetManifestResourceNames().Order(StringComparer.Ordinal))
        {
            if (!resource.StartsWith(prefix, StringComparison.Ordinal) || !resource.EndsWith(".sql", StringComparison.Ordinal))
            {
                continue;
            }
            using var reader = new StreamReader(assembly.GetManifestResourceStream(resource)!, Encoding.UTF8);
            var file = resource[prefix.Length..^".sql".Length];
            migrations.Add(new Migration(int.Parse(file[..4]), file[5..], reader.ReadToEnd()));
        }
        return migrations;
    }
}
