"""Recording and spying on a call of a real phone: what is in the files."""
import array
import math
import unittest
import wave

from harness import Baresip, DEFAULTS, DaemonTest, eventually

EXTENSIONS = DEFAULTS["extensions.conf"].replace("[default]", """
exten => 500,1,Answer()
 same => n,MixMonitor(call.wav,Dr(in.wav)t(out.wav)i(ID),cp @TREE@/spool/monitor/call.wav @TREE@/^{WHO}.wav)
 same => n,Wait(3)
 same => n,UserEvent(Recording,File: ${MIXMONITOR(${ID},filename)})
 same => n,Wait(30)
exten => spied,1,Answer()
 same => n,Wait(0.5)
 same => n,Playback(demo-congrats)
exten => taken,1,Answer()
 same => n,Record(@TREE@/spied.wav,0,2,qx)
exten => amd,1,AMD()
 same => n,UserEvent(Amd,Status: ${AMDSTATUS},Cause: ${AMDCAUSE})
 same => n,Hangup()
exten => tone,1,Answer()
 same => n,WaitForTone(400,500,10)
 same => n,UserEvent(Tone,Status: ${WAITFORTONESTATUS})
 same => n,Hangup()
[default]""", 1).replace("[globals]", "[globals]\nWHO = alice", 1)


def samples(path):
    """Each channel's samples."""
    with wave.open(str(path)) as file:
        data = array.array("h", file.readframes(file.getnframes()))
        return [data[i::file.getnchannels()] for i in range(file.getnchannels())]


def power(data, frequency):
    """The amplitude of a frequency in 8 kHz samples (Goertzel)."""
    coefficient = 2 * math.cos(2 * math.pi * frequency / 8000)
    s1 = s2 = 0.0
    for sample in data:
        s1, s2 = sample + coefficient * s1 - s2, s1
    return 2 * math.sqrt(max(s1 * s1 + s2 * s2 - coefficient * s1 * s2, 0)) / max(len(data), 1)


def loudness(data):
    return sum(abs(sample) for sample in data) / max(len(data), 1)


class AudioOfACall(DaemonTest):
    config = {"extensions.conf": EXTENSIONS}

    def setUp(self):
        self.alice = Baresip(self.daemon, "alice", "alicepw")
        self.alice.registered()

    def tearDown(self):
        self.alice.close()

    def test_a_call_is_recorded_spied_on_and_whispered_to(self):
        monitor = self.daemon.tree / "spool/monitor"
        with self.daemon.ami() as ami:
            self.alice.dial("500")
            ami.wait_event("MixMonitorStart")
            self.assertEqual(ami.wait_event("UserEvent", UserEvent="Recording")["File"], str(monitor / "call.wav"))
            channel = self.daemon.channels()[0].split("!")[0]

            # What a spy hears is what alice says.
            ami.action("Originate", Channel="Local/taken@phones/n", Application="ChanSpy", Data=f"{channel},quE",
                       Async="yes")
            start = ami.wait_event("ChanSpyStart")
            self.assertEqual(start["SpyeeChannel"], channel)
            eventually(lambda: not [c for c in self.daemon.channels() if "taken" in c], "the spy has gone")
            spied = samples(self.daemon.tree / "spied.wav")[0]
            self.assertGreater(len(spied), 12000)
            self.assertGreater(power(spied[4000:12000], 400), 3000)

            # What a spy whispers is what alice hears, and no more than that.
            ami.action("Originate", Channel="Local/spied@phones/n", Application="ChanSpy", Data=f"{channel},quwE",
                       Async="yes")
            ami.wait_event("ChanSpyStart")
            ami.wait_event("Newexten", Application="Playback")
            answer = ami.action("MixMonitorMute", Channel=channel, Direction="read", State="1")
            self.assertEqual(answer["Response"], "Success")
            self.assertEqual(ami.wait_event("TestEvent", State="AUDIOHOOK_GROUP_MUTE_TOGGLE")["Count"], "1")
            self.assertEqual(ami.wait_event("MixMonitorMute")["Direction"], "read")
            for _ in range(20):
                ami.action("Ping")
            answer = ami.action("StopMixMonitor", Channel=channel)
            self.assertEqual(answer["Response"], "Success")
            ami.wait_event("MixMonitorStop")
            self.assertEqual(ami.action("StopMixMonitor", Channel=channel)["Message"],
                             "Could not stop monitoring channel")
            copy = self.daemon.tree / "alice.wav"
            eventually(copy.exists, "the command's copy")
            said, heard = samples(monitor / "call.wav")
            self.assertGreater(power(said[8000:16000], 400), 3000)
            self.assertLess(loudness(heard), 50)  # recordings have what was there before the whisper
            only = samples(monitor / "in.wav")
            self.assertEqual(len(only), 1)
            self.assertAlmostEqual(len(only[0]), len(said), delta=1600)
            self.assertAlmostEqual(len(samples(monitor / "out.wav")[0]), len(said), delta=1600)

            # The same from outside.
            self.assertEqual(ami.action("MixMonitor", File="x.wav")["Message"], "No channel specified")
            self.assertEqual(ami.action("MixMonitorMute")["Message"],
                             "No direction specified. Must be read, write or both")
            answer = ami.action("MixMonitor", Channel=channel, File="ami.wav", Options="a")
            self.assertEqual(set(answer), {"Response", "ActionID"})
            ami.wait_event("MixMonitorStart")
            self.assertIn(str(monitor / "ami.wav"), self.daemon.cli(f"mixmonitor list {channel}"))
            self.daemon.cli(f"mixmonitor stop {channel}")
            ami.wait_event("MixMonitorStop")
            self.assertEqual(ami.action("PlayMF", Channel=channel, Digit="5")["Message"], "MF successfully queued")
            ami.action("Hangup", Channel=channel)
        self.daemon.wait_idle()

    def test_a_tone_is_no_person(self):
        with self.daemon.ami() as ami:
            self.alice.dial("amd")
            verdict = ami.wait_event("UserEvent", UserEvent="Amd", timeout=15)
            self.assertEqual(verdict["Status"], "MACHINE")
            self.assertTrue(verdict["Cause"].startswith("LONGGREETING-"), verdict)
        self.daemon.wait_idle()

    def test_a_tone_is_waited_for(self):
        with self.daemon.ami() as ami:
            self.alice.dial("tone")
            self.assertEqual(ami.wait_event("UserEvent", UserEvent="Tone", timeout=15)["Status"], "SUCCESS")
        self.daemon.wait_idle()


if __name__ == "__main__":
    unittest.main()
