using System.Globalization;
using System.Text;

namespace SensorGrid.Historian.Server;

/// <summary>The server's configuration file, written anew at each start: one writer of large batches, few connections, local only.</summary>
internal static class PostgresSettings
{
    private const int FirstWithLz4Wal = 15;
    private const int LeastSharedBuffersMiB = 16;

    public static string Text(PostgresBinaries binaries, string socketFolder, int sharedBuffersMiB)
    {
        (string Name, string Value)[] settings =
        [
            ("listen_addresses", ""),
            ("unix_socket_directories", $"\"{socketFolder.Replace("\"", "\"\"", StringComparison.Ordinal)}\""),
            ("unix_socket_permissions", "0700"),
            ("max_connections", "100"),
            ("fsync", "on"),
            ("synchronous_commit", "on"),
            ("full_page_writes", "on"),
            ("recovery_init_sync_method", "syncfs"),
            ("wal_level", "minimal"),
            ("max_wal_senders", "0"),
            ("wal_compression", binaries.Version >= FirstWithLz4Wal ? "lz4" : "on"),
            ("max_wal_size", "2GB"),
            ("min_wal_size", "80MB"),
            ("checkpoint_timeout", "15min"),
            ("default_toast_compression", "lz4"),
            ("shared_buffers", string.Create(CultureInfo.InvariantCulture, $"{sharedBuffersMiB}MB")),
            ("work_mem", "8MB"),
            ("maintenance_work_mem", "64MB"),
            ("jit", "off"),
            ("autovacuum", "on"),
            ("log_min_messages", "warning"),
            ("log_checkpoints", "off"),
            ("log_autovacuum_min_duration", "-1"),
            ("log_line_prefix", "%m [%p] "),
            ("lc_messages", "C"),
            ("timezone", "UTC"),
            ("log_timezone", "UTC"),
        ];
        var text = new StringBuilder("# Written by sensorgrid at each start; put settings of your own into the cluster with ALTER SYSTEM.\n");
        foreach (var (name, value) in settings)
        {
            var quoted = value.Replace("\\", "\\\\", StringComparison.Ordinal).Replace("'", "''", StringComparison.Ordinal);
            text.Append(CultureInfo.InvariantCulture, $"{name} = '{quoted}'\n");
        }

        return text.ToString();
    }

    /// <summary>What was asked for, but at most an eighth of the memory that the process may use.</summary>
    public static int SharedBuffersMiB(int wanted, long memoryBytes) =>
        (int)Math.Max(LeastSharedBuffersMiB, Math.Min(wanted, memoryBytes / 8 / 1024 / 1024));
}
