using System.Diagnostics;
using System.Globalization;

namespace SensorGrid.Bench.Usage;

/// <summary>What a folder takes on disk.</summary>
/// <param name="Bytes">All blocks of all files, as du counts them.</param>
/// <param name="LogBytes">The part of it that is Postgres' write-ahead log, which is recycled and does not grow with the data.</param>
internal readonly record struct FolderSize(long Bytes, long LogBytes)
{
    public long DataBytes => Bytes - LogBytes;

    public static FolderSize Of(string folder)
    {
        var log = Directory.EnumerateDirectories(folder, "pg_wal", SearchOption.AllDirectories).Sum(Used);
        return new FolderSize(Used(folder), log);
    }

    public static FolderSize operator -(FolderSize after, FolderSize before) => new(after.Bytes - before.Bytes, after.LogBytes - before.LogBytes);

    // .NET tells a file's length, not its blocks.
    private static long Used(string folder)
    {
        using var du = Process.Start(new ProcessStartInfo("du", ["--summarize", "--block-size=1", folder]) { RedirectStandardOutput = true })!;
        var text = du.StandardOutput.ReadToEnd();
        du.WaitForExit();
        return long.Parse(text.AsSpan(0, text.IndexOf('\t')), CultureInfo.InvariantCulture);
    }
}
