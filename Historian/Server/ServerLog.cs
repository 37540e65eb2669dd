using System.Text;

namespace SensorGrid.Historian.Server;

/// <summary>The server's messages in a file that is set aside at a size, one old file kept; the last lines stay in memory for error messages.</summary>
internal sealed class ServerLog(string path, long maxBytes = 8 << 20) : IDisposable
{
    private const int LinesKept = 50;

    private readonly Lock _gate = new();
    private readonly Queue<string> _last = new();
    private StreamWriter? _file;
    private bool _closed;
    private long _bytes;

    /// <summary>The line that says most of what went wrong; null where nothing was said.</summary>
    public string? Complaint
    {
        get
        {
            lock (_gate)
            {
                return Complaints.Pick([.. _last]);
            }
        }
    }

    public bool Says(string text)
    {
        lock (_gate)
        {
            return _last.Any(l => l.Contains(text, StringComparison.Ordinal));
        }
    }

    /// <summary>A full disk costs the line in the file, never the server: the pipe behind this must not stay unread.</summary>
    public void Add(string line)
    {
        lock (_gate)
        {
            _last.Enqueue(line);
            if (_last.Count > LinesKept)
            {
                _last.Dequeue();
            }

            if (_closed)
            {
                return;
            }

            try
            {
                Write(line);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                _file = null;
            }
        }
    }

    /// <summary>Lines that come later reach the memory only: the folder is no longer this program's.</summary>
    public void Dispose()
    {
        lock (_gate)
        {
            _closed = true;
            try
            {
                _file?.Dispose();
            }
            catch (IOException)
            {
                // What could not be written by now is lost, like any line on a full disk.
            }

            _file = null;
        }
    }

    private void Write(string line)
    {
        if (_bytes > maxBytes)
        {
            _file?.Dispose();
            _file = null;
            File.Move(path, path + ".1", overwrite: true);
        }

        if (_file is null)
        {
            _file = new StreamWriter(new FileStream(path, FileMode.Append, FileAccess.Write, FileShare.ReadWrite)) { AutoFlush = true };
            _bytes = _file.BaseStream.Position;
        }

        _file.WriteLine(line);
        _bytes += Encoding.UTF8.GetByteCount(line) + 1;
    }
}
