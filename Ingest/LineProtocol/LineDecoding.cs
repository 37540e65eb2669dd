using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest.LineProtocol;

/// <summary>
/// The decoding of one body. A line <c>series field=number [time]</c>, the usual shape, is found with two searches and queued; sixteen
/// of them are looked up together, so that their cache misses overlap. Everything else, and every series not known yet, takes
/// <see cref="ReadPoint"/>, which knows all rules. The short way need not know them: it takes a line only if the cache knows the exact
/// bytes through the first <c>=</c> after the first blank, and only keys that <see cref="ReadPoint"/> cut and found good get there.
/// </summary>
internal ref struct LineDecoding(
    SeriesCache cache, SeriesResolver resolver, IngestDefaults defaults, ReadingBatch batch, Rejections rejections)
{
    public const int PendingLines = 16;

    private readonly int _scope = cache.ScopeOf(defaults);
    private int _pendingCount;
    private int _pendingFirstLine;
    private long _latest;

    public required ReadOnlySpan<byte> Body { get; init; }

    public required TimePrecision Precision { get; init; }

    public required TimeLimits Times { get; init; }

    public required Span<PendingLine> Pending { get; init; }

    /// <summary>From the shared pool; to be returned when decoding ends.</summary>
    public required NumericField[] Fields { get; set; }

    public int StringsSkipped { get; private set; }

    public void DecodeAll()
    {
        _latest = Times.Latest;
        var at = Body.StartsWith("\uFEFF"u8) ? 3 : 0;
        var line = 1;
        while (at < Body.Length)
        {
            if (_scope >= 0 && TryQueue(at, out var next))
            {
                _pendingFirstLine = _pendingCount == 0 ? line : _pendingFirstLine;
                line++;
                if (++_pendingCount == PendingLines)
                {
                    LookUpPending();
                }
            }
            else
            {
                LookUpPending();
                next = ReadPoint(at, line) + 1;
                line += next <= Body.Length ? Body[at..next].Count((byte)'\n') : 0;
            }
            at = next;
        }
        LookUpPending();
    }

    // Reads a line of the usual shape into the next pending place; next is the start of the line after it.
    private bool TryQueue(int start, out int next)
    {
        next = 0;
        var line = Body[start..];
        var blank = line.IndexOfAny((byte)' ', (byte)'\n');
        if (blank <= 0 || line[blank] != ' ')
        {
            return false;
        }
        var text = line[(blank + 1)..];
        var equals = text.IndexOfAny((byte)'=', (byte)'\n');
        if (equals <= 0 || text[equals] != '=' || blank + equals > SeriesKey.MaxLength - 2)
        {
            return false;
        }
        text = text[(equals + 1)..];
        if (!NumberText.TryReadDouble(text, out var value, out var length) || !double.IsFinite(value))
        {
            return false;
        }
        text = text[length..];
        if (!TryReadTime(ref text, out var time) || !TryReadEnd(ref text))
        {
            return false;
        }
        next = Body.Length - text.Length;
        var hash = new SeriesKey(line[..(blank + 1)], line.Slice(blank + 1, equals + 1), (ushort)_scope).Hash();
        cache.Table.PrefetchSlot(hash);
        Pending[_pendingCount] = new PendingLine
        {
            Start = start,
            SeriesLength = blank + 1,
            FieldLength = equals + 1,
            Hash = hash,
            Time = time,
            Value = value,
        };
        return true;
    }

    private readonly bool TryReadTime(ref ReadOnlySpan<byte> text, out long time)
    {
        time = Times.Now;
        if (text.Length == 0 || text[0] != ' ')
        {
            return true;
        }
        if (!NumberText.TryReadUInt64(text[1..], out var count, out var digits) || !Precision.TryToMicroseconds(count, out time))
        {
            return false;
        }
        text = text[(digits + 1)..];
        return time <= _latest && time >= Times.Oldest;
    }

    // Steps over the end of a line: a newline, a carriage return and a newline, or the end of the body.
    private static bool TryReadEnd(ref ReadOnlySpan<byte> text)
    {
        var skip = text.Length > 1 && text[0] == '\r' ? 1 : 0;
        if (text.Length > 0 && text[skip] != '\n')
        {
            return false;
        }
        text = text.Length > 0 ? text[(skip + 1)..] : text;
        return true;
    }

    private void LookUpPending()
    {
        var table = cache.Table;
        var pending = Pending[.._pendingCount];
        foreach (ref readonly var line in pending)
        {
            table.PrefetchKey(line.Hash);
        }
        _pendingCount = 0;
        for (var i = 0; i < pending.Length; i++)
        {
            ref readonly var line = ref pending[i];
            var key = new SeriesKey(
                Body.Slice(line.Start, line.SeriesLength), Body.Slice(line.Start + line.SeriesLength, line.FieldLength), (ushort)_scope);
            if (table.TryFind(key, line.Hash, out var series))
            {
                batch.Add(series.Sensor, line.Time, line.Value, series.Quality);
            }
            else
            {
                ReadPoint(line.Start, _pendingFirstLine + i);
                table = cache.Table;
            }
        }
    }

    // Takes or refuses the point that begins at start; returns where it ends: at a newline or the end of the body. A string goes on
    // over newlines to the next quote without a backslash if the whole is a good point then and no line inside the string is one; else
    // the line ends at its first newline.
    private int ReadPoint(int start, int line)
    {
        var length = Body[start..].IndexOf((byte)'\n');
        var end = length < 0 ? Body.Length : start + length;
        var text = Body[start..end].Trim(" \t\r"u8);
        if (text.IsEmpty || text[0] == '#')
        {
            return end;
        }
        var point = new PointReader(Body, start, Fields);
        var fault = point.Read(Precision);
        Fields = point.Fields!;
        if (fault is null)
        {
            end = point.Position;
            fault = Take(point);
        }
        else
        {
            fault = FaultOfSeries(point.Series) ?? fault;
        }
        if (fault is null)
        {
            StringsSkipped += point.StringCount;
        }
        else
        {
            rejections.Add(line, fault, Body[start..end].TrimEnd((byte)'\r'));
        }
        return end;
    }

    private readonly string? Take(in PointReader point)
    {
        var time = point.Time ?? Times.Now;
        var fields = point.Fields!.AsSpan(0, point.FieldCount);
        if (Times.Fault(time) is { } late)
        {
            return late;
        }
        if (fields.IsEmpty)
        {
            return FaultOfSeries(point.Series);
        }
        var quality = Quality.Good;
        var tags = default(SeriesTags);
        foreach (ref var field in fields)
        {
            var key = Body.Slice(field.KeyStart, field.KeyLength);
            if (Find(point.Series, key, ref tags, out var fault) is not { } series)
            {
                return fault;
            }
            field.Sensor = series.Sensor;
            quality = series.Quality;
        }
        foreach (ref readonly var field in fields)
        {
            batch.Add(field.Sensor, time, field.Value, quality);
        }
        return null;
    }

    // The tags are read at most once a line, however many of its fields are new.
    private readonly Series? Find(ReadOnlySpan<byte> name, ReadOnlySpan<byte> field, ref SeriesTags tags, out string? fault)
    {
        fault = null;
        var key = new SeriesKey(name, field, (ushort)_scope);
        var cached = _scope >= 0 && key.Length <= SeriesKey.MaxLength;
        if (cached && cache.Table.TryFind(key, key.Hash(), out var series))
        {
            return series;
        }
        if (tags.Measurement.IsEmpty)
        {
            fault = tags.Read(name[..^1]);
        }
        var found = fault is null ? resolver.Resolve(tags, field[..^1], defaults, out fault) : null;
        if (found is { Sensor.Id: >= 0 } known && cached)
        {
            cache.Add(key, known);
        }
        return found;
    }

    // A name that swallowed what follows it, by a backslash before the comma or blank, is the better reason for what is missing later.
    private static string? FaultOfSeries(ReadOnlySpan<byte> series)
    {
        var tags = default(SeriesTags);
        return series.IsEmpty ? null : tags.Read(series[..^1]);
    }
}
