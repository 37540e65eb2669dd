using System.Text;
using SensorGrid.Core.Catalog;
using SensorGrid.Core.Detectors;
using SensorGrid.Core.Flags;
using SensorGrid.Core.Grid;
using SensorGrid.Core.Readings;
using SensorGrid.Core.Windows;

namespace SensorGrid.Core.Twins;

public sealed partial class SensorTwin
{
    /// <summary>Raised when the bytes below change; a twin whose snapshot has another version is rebuilt from the history.</summary>
    private const byte StateVersion = 2;

    /// <summary>Without hashes of the detectors' settings.</summary>
    private const byte FirstStateVersion = 1;

    /// <summary>An upper bound of what <see cref="SaveState"/> writes, in bytes.</summary>
    public int MaxStateSize
    {
        get
        {
            var size = 96 + _state.Open.Length + _state.Closed.Length;
            foreach (var detector in _detectors.Detectors)
            {
                size += 34 + (3 * detector.Name.Length) + detector.StateSize;
            }
            foreach (var flag in _openFlags)
            {
                size += 32 + (3 * flag.Detector.Length);
            }
            return size;
        }
    }

    /// <summary>Writes everything but the tail, which the caller saves beside it. The same readings in the same order give the same bytes.</summary>
    /// <returns>The bytes written.</returns>
    public int SaveState(Span<byte> destination)
    {
        var writer = new PackedWriter(destination);
        writer.WriteByte(StateVersion);
        writer.WriteSigned(_sealedUntil);
        writer.WriteSigned(LateUntil);
        var counters = Counters;
        writer.WriteUnsigned((ulong)counters.Readings);
        writer.WriteUnsigned((ulong)counters.Duplicates);
        writer.WriteUnsigned((ulong)counters.Late);
        writer.WriteUnsigned((ulong)counters.Corrections);
        writer.WriteUnsigned((ulong)_state.Open.Length);
        writer.WriteBytes(_state.Open);
        writer.WriteUnsigned((ulong)_state.Closed.Length);
        writer.WriteBytes(_state.Closed);
        var detectors = _detectors.Detectors;
        writer.WriteUnsigned((ulong)detectors.Length);
        for (var i = 0; i < detectors.Length; i++)
        {
            WriteName(ref writer, detectors[i].Name);
            writer.WriteUnsigned((ulong)detectors[i].StateVersion);
            writer.WriteUnsigned(detectors[i].SettingsHash);
            writer.WriteUnsigned((ulong)detectors[i].StateSize);
            writer.WriteBytes(_detectors.State(i, _state.Detectors));
        }
        writer.WriteUnsigned((ulong)_openFlags.Length);
        foreach (var flag in _openFlags)
        {
            WriteName(ref writer, flag.Detector);
            writer.WriteByte((byte)flag.Severity);
            writer.WriteSigned(flag.From);
            writer.WriteDouble(flag.Score);
        }
        return writer.Position;
    }

    /// <summary>
    /// A twin as it was saved. Detectors that had no part in it, or had other settings or another layout of state, start afresh; flags without a detector
    /// that goes on close at the last reading.
    /// </summary>
    /// <exception cref="InvalidDataException">The bytes are damaged or of another version.</exception>
    public static SensorTwin Restore(Sensor sensor, DetectorSet detectors, ReadOnlySpan<byte> state, ReadOnlySpan<Reading> tail, TwinContext context)
    {
        var twin = new SensorTwin(sensor, detectors);
        var reader = new PackedReader(state);
        var version = reader.ReadByte();
        if (version is not (FirstStateVersion or StateVersion))
        {
            PackedReader.ThrowInvalid();
        }
        twin._sealedUntil = reader.ReadSigned();
        var lateUntil = reader.ReadSigned();
        var counters = new Counters((long)reader.ReadUnsigned(), (long)reader.ReadUnsigned(), (long)reader.ReadUnsigned(), (long)reader.ReadUnsigned());
        twin._readings = counters.Readings;
        twin._disorder = Disorder.Of(counters, lateUntil);
        var open = reader.ReadBytes((int)reader.ReadUnsigned());
        var closed = reader.ReadBytes((int)reader.ReadUnsigned());
        twin._state.SetWindows(open, closed);
        var goOn = twin.RestoreDetectors(ref reader, version);
        twin.RestoreFlags(ref reader);
        twin.SetTail(tail);
        foreach (var flag in twin._openFlags)
        {
            if (IndexOf(detectors, flag.Detector) is var at && (at < 0 || (goOn & (1L << at)) == 0))
            {
                twin.Close(flag, twin._lastTime, context);
            }
        }
        return twin;
    }

    private void SetTail(ReadOnlySpan<Reading> tail)
    {
        _tail = tail.ToArray();
        _tailCapacity = tail.Length;
        _tailCount = tail.Length;
        _lastTime = tail.Length > 0 ? tail[^1].Time : _sealedUntil;
    }

    private static void WriteName(ref PackedWriter writer, string name)
    {
        Span<byte> bytes = stackalloc byte[3 * name.Length];
        var length = Encoding.UTF8.GetBytes(name, bytes);
        writer.WriteUnsigned((ulong)length);
        writer.WriteBytes(bytes[..length]);
    }

    private static string ReadName(ref PackedReader reader) => string.Intern(Encoding.UTF8.GetString(reader.ReadBytes((int)reader.ReadUnsigned())));

    // A bit for each detector that goes on.
    private long RestoreDetectors(ref PackedReader reader, byte stateVersion)
    {
        var goOn = 0L;
        for (var left = reader.ReadUnsigned(); left > 0; left--)
        {
            var at = IndexOf(_detectors, ReadName(ref reader));
            var version = (int)reader.ReadUnsigned();
            ulong? hash = stateVersion == FirstStateVersion ? null : reader.ReadUnsigned();
            var state = reader.ReadBytes((int)reader.ReadUnsigned());
            if (at >= 0 && _detectors.Detectors[at] is var detector && detector.StateVersion == version && detector.StateSize == state.Length
                && (hash is null || hash == detector.SettingsHash))
            {
                state.CopyTo(_detectors.State(at, _state.Detectors));
                goOn |= 1L << at;
            }
        }
        return goOn;
    }

    private void RestoreFlags(ref PackedReader reader)
    {
        var flags = new OpenFlag[(int)Math.Min(reader.ReadUnsigned(), 64)];
        for (var i = 0; i < flags.Length; i++)
        {
            flags[i] = new OpenFlag(ReadName(ref reader), (Severity)reader.ReadByte(), reader.ReadSigned(), reader.ReadDouble());
        }
        _openFlags = flags;
    }
}
