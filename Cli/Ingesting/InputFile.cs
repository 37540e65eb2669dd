using System.IO.Pipelines;

namespace SensorGrid.Cli.Ingesting;

/// <summary>A file, or standard input, that is read once from its beginning; gzip (RFC 1952) is told from its first bytes.</summary>
internal sealed class InputFile : IAsyncDisposable
{
    /// <summary>The name that stands for standard input.</summary>
    public const string StandardInput = "-";

    private readonly FileStream? _file;
    private readonly PipeReader _reader;

    private InputFile(FileStream? file, PipeReader reader, Stream text)
    {
        _file = file;
        _reader = reader;
        Text = text;
    }

    /// <summary>Not compressed.</summary>
    public Stream Text { get; }

    /// <summary>Bytes of the file read so far, as they lie on the disk; 0 for standard input and pipes.</summary>
    public long Position => _file is { CanSeek: true } ? _file.Position : 0;

    /// <exception cref="FileException">The file cannot be opened.</exception>
    public static async Task<InputFile> OpenAsync(string file, Func<Stream> standardInput, CancellationToken cancellation)
    {
        FileStream? opened = null;
        if (file != StandardInput)
        {
            try
            {
                opened = new FileStream(file, FileMode.Open, FileAccess.Read, FileShare.ReadWrite, 0, FileOptions.SequentialScan);
            }
            catch (Exception e) when (e is IOException or UnauthorizedAccessException)
            {
                throw new FileException("the file cannot be read: check its permissions");
            }
        }
        var reader = PipeReader.Create(opened ?? standardInput(), new StreamPipeReaderOptions(bufferSize: 64 * 1024));
        var first = await reader.ReadAtLeastAsync(2, cancellation);
        var isGzip = IsGzip(first);
        reader.AdvanceTo(first.Buffer.Start);
        var bytes = reader.AsStream(leaveOpen: true);
        return new InputFile(opened, reader, isGzip ? new WholeGzip(bytes) : bytes);
    }

    public async ValueTask DisposeAsync()
    {
        await Text.DisposeAsync();
        await _reader.CompleteAsync();
    }

    private static bool IsGzip(ReadResult first)
    {
        Span<byte> magic = stackalloc byte[2];
        return new System.Buffers.SequenceReader<byte>(first.Buffer).TryCopyTo(magic) && magic.SequenceEqual((ReadOnlySpan<byte>)[0x1F, 0x8B]);
    }
}
