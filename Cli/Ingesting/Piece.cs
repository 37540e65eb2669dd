using System.Buffers;

namespace SensorGrid.Cli.Ingesting;

/// <summary>Some whole lines of a file, below the file's header where it has one. Its bytes are pooled: they go with it.</summary>
internal sealed class Piece(byte[] buffer, int length) : IDisposable
{
    public ReadOnlyMemory<byte> Bytes => buffer.AsMemory(0, length);

    /// <summary>Whether the first line is the file's header, repeated.</summary>
    public bool HasHeader { get; init; }

    /// <summary>The line of the file, from 1, that the piece's first line below the header is.</summary>
    public long FirstLine { get; init; }

    /// <summary>Data rows of a CSV file before this piece; 0 for other formats.</summary>
    public long FirstRow { get; init; }

    /// <summary>The line of the file that the server means by a line of this piece.</summary>
    public long FileLine(long line)
    {
        var inPiece = line - FirstRow;
        return !HasHeader ? FirstLine + inPiece - 1 : inPiece == 1 ? 1 : FirstLine + inPiece - 2;
    }

    public void Dispose() => ArrayPool<byte>.Shared.Return(buffer);
}
