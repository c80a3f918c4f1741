// An ARI application on the ari-client of npm: answers, plays, reads a digit variable, hangs up; prints what it saw.
'use strict';
const client = require('ari-client');
const [url, user, password] = process.argv.slice(2);

function fail(error) {
  console.error(error);
  process.exit(1);
}
setTimeout(() => fail('nothing happened for 25 s'), 25000);

client.connect(url, user, password, (error, ari) => {
  if (error) fail(error);
  ari.on('StasisStart', (event, channel) => {
    console.log('start', event.args.join(','), channel.state);
    channel.answer()
      .then(() => channel.setChannelVar({ variable: 'SEEN', value: 'by node' }))
      .then(() => channel.getChannelVar({ variable: 'SEEN' }))
      .then((value) => console.log('variable', value.value))
      .then(() => {
        const playback = ari.Playback();
        playback.once('PlaybackFinished', () => {
          console.log('played');
          channel.hangup().catch(fail);
        });
        return channel.play({ media: 'sound:beep' }, playback);
      })
      .catch(fail);
  });
  ari.on('StasisEnd', () => {
    console.log('end');
    process.exit(0);
  });
  ari.start('app', (problem) => {
    if (problem) fail(problem);
    ari.channels.originate({ endpoint: 'Local/s@default', app: 'app', appArgs: 'one,two' }).catch(fail);
  });
});
