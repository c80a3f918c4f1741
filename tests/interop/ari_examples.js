// What the examples of npm's ari-client show, each written anew: ari_examples.js EXAMPLE URL USER PASSWORD.
// Prints "ready" when its application is connected, and a line for each thing that happens.
'use strict';
const client = require('ari-client');
const [name, url, user, password] = process.argv.slice(2);

const say = (...words) => console.log(words.join(' '));
function fail(error) {
  console.error(error && error.message ? error.message : error);
  process.exit(1);
}
process.on('unhandledRejection', fail);
setTimeout(() => fail('nothing happened for 50 s'), 50000);

/// Resolves when the sound has been played.
function play(ari, channel, media) {
  const playback = ari.Playback();
  const played = new Promise((resolve) => playback.once('PlaybackFinished', (event, done) => resolve(done)));
  return channel.play({ media }, playback).then(() => played);
}

const examples = {
  // Digits are said back, * plays, # says goodbye and hangs up.
  example(ari) {
    ari.on('StasisStart', async (event, channel) => {
      channel.on('ChannelDtmfReceived', async ({ digit }) => {
        if (digit === '#') {
          await play(ari, channel, 'sound:vm-goodbye');
          say('goodbye');
          await channel.hangup();
        } else {
          await play(ari, channel, digit === '*' ? 'sound:beep' : `sound:digits/${digit}`);
          say('said', digit);
        }
      });
      await channel.answer();
      await play(ari, channel, 'sound:hello-world');
      say('hello');
    });
  },

  // Callers wait in one holding bridge with music; the last to leave ends it.
  bridge(ari) {
    const watched = new Set();
    let turn = Promise.resolve();
    ari.on('StasisStart', (event, channel) => {
      turn = turn.then(async () => {
        await channel.answer();
        const there = await ari.bridges.list();
        let bridge = there.find((one) => one.bridge_type === 'holding');
        if (!bridge) bridge = await ari.Bridge().create({ type: 'holding' });
        if (!watched.has(bridge.id)) {
          watched.add(bridge.id);
          bridge.on('ChannelLeftBridge', async (left, { bridge: now }) => {
            say('left', now.channels.length);
            if (now.channels.length > 0) return;
            await bridge.destroy();
            say('destroyed');
          });
        }
        await bridge.addChannel({ channel: channel.id });
        await channel.startMoh();
        say('waiting');
      });
    });
  },

  // A device state says whether anybody is in the bridge.
  async device_state(ari) {
    const deviceName = 'Stasis:device-state-example';
    const bridge = await ari.Bridge().create({ type: 'mixing' });
    const set = async (deviceState) => {
      await ari.deviceStates.update({ deviceName, deviceState });
      say(deviceState);
    };
    await set('NOT_INUSE');
    let busy = false;
    ari.on('ChannelEnteredBridge', (event, { bridge: now }) => {
      if (busy || now.channels.length === 0) return;
      busy = true;
      set('BUSY');
    });
    ari.on('ChannelLeftBridge', (event, { bridge: now }) => {
      if (!busy || now.channels.length > 0) return;
      busy = false;
      set('NOT_INUSE');
    });
    ari.on('StasisStart', async (event, channel) => {
      await channel.answer();
      await bridge.addChannel({ channel: channel.id });
    });
  },

  // A message is left with 5 and heard with 6; the mailbox counts.
  mwi(ari) {
    const mailbox = ari.Mailbox('mwi-example');
    let messages = 0;
    const count = async () => {
      await mailbox.update({ oldMessages: 0, newMessages: messages });
      say('messages', messages);
    };
    ari.on('StasisStart', async (event, channel) => {
      channel.on('ChannelDtmfReceived', async ({ digit }) => {
        if (digit === '5') {
          const recording = ari.LiveRecording();
          recording.on('RecordingFinished', async () => {
            await play(ari, channel, 'sound:vm-msgsaved');
            messages += 1;
            await count();
            await channel.hangup();
          });
          await channel.record({ format: 'wav', maxSilenceSeconds: '2', beep: true }, recording);
        } else if (digit === '6') {
          const recordings = await ari.recordings.listStored();
          const last = recordings[recordings.length - 1];
          if (!last) return void play(ari, channel, 'sound:vm-nomore');
          await play(ari, channel, `recording:${last.name}`);
          await last.deleteStored();
          messages -= 1;
          await count();
          await channel.hangup();
        }
      });
      await channel.answer();
      say('ask');
    });
  },

  // Somebody calls, somebody else is called, and the two are put together.
  originate(ari) {
    ari.once('StasisStart', async (event, incoming) => {
      await incoming.answer();
      const outgoing = ari.Channel();
      incoming.once('StasisEnd', () => outgoing.hangup().catch(() => {}));
      outgoing.once('ChannelDestroyed', () => incoming.hangup().catch(() => {}));
      outgoing.once('StasisStart', async (started, callee) => {
        const bridge = ari.Bridge();
        callee.once('StasisEnd', async () => {
          await bridge.destroy();
          say('over');
        });
        await callee.answer();
        const made = await bridge.create({ type: 'mixing' });
        await made.addChannel({ channel: [incoming.id, callee.id] });
        say('together');
      });
      incoming.play({ media: 'sound:vm-dialout' }, ari.Playback()).catch(() => {});
      await outgoing.originate({ endpoint: 'Local/callee@examples', app: 'originate-example', appArgs: 'dialed' });
    });
  },

  // Digits control what plays.
  playback(ari) {
    const operations = { 5: 'pause', 8: 'unpause', 4: 'reverse', 6: 'forward', 2: 'restart' };
    ari.once('StasisStart', async (event, channel) => {
      await channel.answer();
      const playback = ari.Playback();
      playback.on('PlaybackFinished', () => say('finished'));
      let turn = channel.play({ media: 'sound:demo-congrats' }, playback);
      channel.on('ChannelDtmfReceived', ({ digit }) => {
        turn = turn.then(async () => {
          if (digit === '#') {
            await playback.stop();
            say('stop');
            await channel.hangup();
          } else {
            await playback.control({ operation: operations[digit] });
            say(operations[digit]);
          }
        });
      });
    });
  },
};

client.connect(url, user, password).then(async (ari) => {
  const app = `${name.replace('_', '-')}-example`;
  const started = examples[name](ari);
  ari.on('StasisEnd', () => say('end'));
  await ari.start(app);
  await started;
  say('ready');
}).catch(fail);
