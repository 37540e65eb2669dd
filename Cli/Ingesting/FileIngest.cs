using SensorGrid.Cli.Remote;

namespace SensorGrid.Cli.Ingesting;

/// <summary>
/// Sends files in pieces. The pieces of one machine go one after the other, so that its readings arrive in their order and, of two
/// for one time, the later one wins; machines go several at once.
/// </summary>
internal sealed class FileIngest(
    ReadingSender sender, IngestSettings settings, IngestTotals totals, Action<string> note, Func<Stream> standardInput)
{
    private const int MachinesAtOnce = 4;

    /// <exception cref="CommandException">The server is not there, or takes nothing.</exception>
    public async Task RunAsync(IEnumerable<string> files, CancellationToken cancellation)
    {
        var options = new ParallelOptions { MaxDegreeOfParallelism = MachinesAtOnce, CancellationToken = cancellation };
        await Parallel.ForEachAsync(files.GroupBy(Machine), options, async (group, stop) =>
        {
            foreach (var file in group)
            {
                await TrySendAsync(file, stop);
            }
        });
    }

    // Where the machines are in the file, it may be any.
    private string Machine(string file) => (settings.Format ?? FormatGuess.OfName(file)) == FileFormat.Csv
        ? $"{settings.Factory ?? FileNames.Factory(file)}/{settings.Machine ?? FileNames.Machine(file)}"
        : "";

    private async Task TrySendAsync(string file, CancellationToken cancellation)
    {
        try
        {
            await SendAsync(file, cancellation);
            totals.AddFile();
        }
        catch (Exception e) when (e is BodyRefusedException or FileException or InvalidDataException or IOException)
        {
            totals.AddFailedFile($"{file}: {(e is InvalidDataException ? "the file is damaged gzip or breaks off: what came before is sent" : e.Message)}");
        }
    }

    private async Task SendAsync(string file, CancellationToken cancellation)
    {
        await using var input = await InputFile.OpenAsync(file, standardInput, cancellation);
        var reader = new PieceReader(input.Text, PieceReader.DefaultSize, PieceReader.DefaultLimit);
        var first = await reader.PeekAsync(cancellation);
        if (first.IsEmpty)
        {
            throw new FileException("the file is empty");
        }
        var plan = Plan(file, first.Span, reader);
        note($"{file}: {plan.Note}");
        var isArray = plan.Format == FileFormat.Json && first.Span.TrimStart(" \t\r\n"u8) is [(byte)'[', ..];
        var seen = 0L;
        var next = ReadAsync();
        try
        {
            while (await next is { } piece)
            {
                using (piece)
                {
                    // The next piece is read while this one is on its way.
                    var position = input.Position;
                    next = isArray ? Task.FromResult<Piece?>(null) : ReadAsync();
                    await SendPieceAsync(file, plan, piece, isArray, position - seen, cancellation);
                    seen = position;
                }
            }
        }
        finally
        {
            await ((Task)next).ConfigureAwait(ConfigureAwaitOptions.SuppressThrowing);
        }

        async Task<Piece?> ReadAsync() => isArray ? await reader.ReadWholeAsync(cancellation) : await reader.ReadAsync(plan.Format, cancellation);
    }

    private SendPlan Plan(string file, ReadOnlySpan<byte> first, PieceReader reader)
    {
        var format = settings.Format ?? FormatGuess.OfName(file) ?? FormatGuess.OfBytes(first);
        if (format != FileFormat.Csv)
        {
            return SendPlan.OfLines(format, settings);
        }
        var end = first.IndexOf((byte)'\n');
        var header = CsvHeader.Parse(end < 0 ? first : first[..end]);
        var plan = SendPlan.OfCsv(file, header, settings);
        reader.TakeHeader(end < 0 ? first.Length : end + 1, skipsEmptyRows: header.Columns.Count > 1);
        return plan;
    }

    private async Task SendPieceAsync(
        string file, SendPlan plan, Piece piece, bool isArray, long diskBytes, CancellationToken cancellation)
    {
        var answer = await sender.SendAsync(plan.TargetFrom(piece.FirstRow), plan.MediaType, piece.Bytes, cancellation);
        totals.AddPiece(answer.Accepted, answer.Skipped, answer.Rejected, piece.Bytes.Length, diskBytes);
        if (piece.HasHeader && answer is { Accepted: 0, Skipped: 0, Errors: [{ } only] } && piece.FileLine(only.Line) == 1)
        {
            throw new FileException(only.Reason);
        }
        foreach (var error in answer.Errors)
        {
            totals.AddError(isArray ? $"{file}: element {error.Line}: {error.Reason}" : $"{file}:{piece.FileLine(error.Line)}: {error.Reason}");
        }
    }
}
