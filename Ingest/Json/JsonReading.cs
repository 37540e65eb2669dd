using System.Text;
using System.Text.Json;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Ingest.Text;

namespace SensorGrid.Ingest.Json;

/// <summary>Reads one object after the other into the same fields, and adds what is good to the batch.</summary>
internal ref struct JsonReading
{
    /// <summary>Room for five texts that have escapes: a property's name, path, factory, machine, sensor.</summary>
    public const int ScratchSize = 5 * TextSize;

    // The longest valid path with every character written as \u0041.
    private const int TextSize = 6 * ((3 * PathPart.MaxLength) + 2);

    private readonly SensorCatalog _catalog;
    private readonly TimePrecision _precision;
    private readonly TimeLimits _times;
    private readonly ReadingBatch _batch;
    private readonly Span<byte> _scratch;
    private readonly ReadOnlySpan<byte> _defaultFactory;
    private readonly ReadOnlySpan<byte> _defaultMachine;
    private readonly ReadOnlySpan<byte> _defaultSensor;

    private ReadOnlySpan<byte> _path;
    private ReadOnlySpan<byte> _factory;
    private ReadOnlySpan<byte> _machine;
    private ReadOnlySpan<byte> _sensor;
    private long _time;
    private double? _value;
    private Quality _quality;
    private string? _fault;

    public JsonReading(
        SensorCatalog catalog, TimePrecision precision, IngestDefaults defaults, TimeLimits times, ReadingBatch batch, Span<byte> scratch)
    {
        _catalog = catalog;
        _precision = precision;
        _times = times;
        _batch = batch;
        _scratch = scratch;
        _defaultFactory = Utf8(defaults.Factory);
        _defaultMachine = Utf8(defaults.Machine);
        _defaultSensor = Utf8(defaults.Sensor);
    }

    /// <summary>Reads an object from its <c>{</c> through its <c>}</c>; throws <see cref="JsonException"/> where it is broken.</summary>
    public void Read(ref Utf8JsonReader reader)
    {
        _path = default;
        _factory = _defaultFactory;
        _machine = _defaultMachine;
        _sensor = _defaultSensor;
        _time = _times.Now;
        _value = null;
        _quality = Quality.Good;
        _fault = null;
        while (reader.Read() && reader.TokenType != JsonTokenType.EndObject)
        {
            var known = TryText(ref reader, 0, out var name);
            reader.Read();
            if (!known || reader.TokenType == JsonTokenType.Null || !TryReadProperty(name, ref reader))
            {
                reader.Skip();
            }
        }
    }

    /// <summary>Adds the reading; or returns why not.</summary>
    public readonly string? Take()
    {
        if (_fault is not null || _value is null)
        {
            return _fault ?? "value is missing or null";
        }
        if (_times.Fault(_time) is { } fault)
        {
            return fault;
        }
        var factory = _factory;
        var machine = _machine;
        var sensor = _sensor;
        if (!_path.IsEmpty && !TrySplit(_path, out factory, out machine, out sensor))
        {
            return "path is not factory/machine/sensor";
        }
        if (factory.IsEmpty || machine.IsEmpty || sensor.IsEmpty)
        {
            return !_path.IsEmpty ? "path has an empty part"
                : factory.IsEmpty ? "path or factory is missing" : machine.IsEmpty ? "machine is missing" : "sensor is missing";
        }
        if (_catalog.Resolve(factory, machine, sensor, out var refused) is not { } known)
        {
            return refused;
        }
        _batch.Add(known.Key, _time, _value.Value, _quality);
        return null;
    }

    // False where nothing of this name is known; faults of what is known are kept in _fault.
    private bool TryReadProperty(ReadOnlySpan<byte> name, ref Utf8JsonReader reader)
    {
        switch (name.Length)
        {
            case 4 when name.SequenceEqual("path"u8):
                ReadText(ref reader, 1, ref _path, "path");
                return true;
            case 7 when name.SequenceEqual("factory"u8):
                ReadText(ref reader, 2, ref _factory, "factory");
                return true;
            case 7 when name.SequenceEqual("machine"u8):
                ReadText(ref reader, 3, ref _machine, "machine");
                return true;
            case 6 when name.SequenceEqual("sensor"u8):
                ReadText(ref reader, 4, ref _sensor, "sensor");
                return true;
            case 4 when name.SequenceEqual("time"u8):
                ReadTime(ref reader);
                return true;
            case 5 when name.SequenceEqual("value"u8):
                ReadValue(ref reader);
                return true;
            case 7 when name.SequenceEqual("quality"u8):
                ReadOnlySpan<byte> text = default;
                ReadText(ref reader, 0, ref text, "quality");
                _fault ??= QualityText.TryParse(text, out _quality) ? null : QualityText.Fault;
                return true;
            default:
                return false;
        }
    }

    private void ReadText(ref Utf8JsonReader reader, int slot, scoped ref ReadOnlySpan<byte> text, string what)
    {
        if (reader.TokenType != JsonTokenType.String)
        {
            _fault ??= $"{what} is not a string";
            reader.Skip();
        }
        else if (TryText(ref reader, slot, out var read))
        {
            text = read;
        }
        else
        {
            _fault ??= $"{what} is too long or not valid text";
        }
    }

    private void ReadTime(ref Utf8JsonReader reader)
    {
        var valid = reader.TokenType switch
        {
            JsonTokenType.String => TryText(ref reader, 0, out var text) && Rfc3339.TryParse(text, zoneNeeded: true, out _time),
            JsonTokenType.Number => TimeText.TryParseEpoch(reader.ValueSpan, _precision, out _time),
            _ => false,
        };
        _fault ??= valid ? null : "time is neither RFC 3339 with a zone (2026-01-31T12:34:56Z) nor a positive number";
        reader.Skip();
    }

    private void ReadValue(ref Utf8JsonReader reader)
    {
        double value = reader.TokenType == JsonTokenType.True ? 1 : 0;
        var valid = reader.TokenType is JsonTokenType.True or JsonTokenType.False
            || (reader.TokenType == JsonTokenType.Number && NumberText.TryParseDouble(reader.ValueSpan, out value));
        _value = value;
        _fault ??= !valid ? "value is not a number or boolean" : double.IsFinite(value) ? null : "value is too large for a double";
        reader.Skip();
    }

    // The text of a name or string without its escapes; false where it is too long to matter or has half a surrogate pair.
    private readonly bool TryText(scoped ref Utf8JsonReader reader, int slot, out ReadOnlySpan<byte> text)
    {
        text = default;
        if (!reader.ValueIsEscaped)
        {
            text = reader.ValueSpan;
            return true;
        }
        if (reader.ValueSpan.Length > TextSize)
        {
            return false;
        }
        try
        {
            var room = _scratch.Slice(slot * TextSize, TextSize);
            text = room[..reader.CopyString(room)];
            return true;
        }
        catch (InvalidOperationException)
        {
            return false;
        }
    }

    private static bool TrySplit(
        ReadOnlySpan<byte> path, out ReadOnlySpan<byte> factory, out ReadOnlySpan<byte> machine, out ReadOnlySpan<byte> sensor)
    {
        factory = machine = sensor = default;
        var first = path.IndexOf((byte)'/');
        var second = first < 0 ? -1 : path[(first + 1)..].IndexOf((byte)'/');
        if (second < 0)
        {
            return false;
        }
        factory = path[..first];
        machine = path.Slice(first + 1, second);
        sensor = path[(first + second + 2)..];
        return !sensor.Contains((byte)'/');
    }

    private static ReadOnlySpan<byte> Utf8(string? text) => text is null ? default : Encoding.UTF8.GetBytes(text);
}
