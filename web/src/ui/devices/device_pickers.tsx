import { Mic, Video as VideoIcon, Volume2 } from 'lucide-react';

import type { Device } from '../../media/capture_state';
import { LOCAL } from '../../session/streams';
import { useCapture, useServices } from '../hooks/use_services';
import { LevelMeter } from '../parts/level_meter';
import { Picker, type PickerOption } from '../parts/picker';
import { t } from '../strings';

/** Devices as options; those without a label yet are numbered. */
function optionsOf(devices: readonly Device[], kind: string): PickerOption<string>[] {
  return devices.map(({ id, label }, index) => ({
    value: id,
    label: label || t.prejoin.unnamed(kind, index + 1),
  }));
}

/** Microphone with its level, camera, and speaker where browsers let one choose. */
export function DevicePickers({ side = 'below' }: { readonly side?: 'below' | 'above' }) {
  const { capture } = useServices();
  const { devices, microphone, camera, speakerId, canSelectSpeaker } = useCapture();
  const words = t.prejoin;
  return (
    <div className="device-pickers">
      <div className="device-microphone">
        <Picker
          label={words.microphone}
          icon={Mic}
          side={side}
          options={optionsOf(devices.microphones, words.microphone)}
          value={microphone.deviceId}
          placeholder={devices.microphones.length ? words.systemDefault : words.noMicrophone}
          onChange={(id) => void capture.selectMicrophone(id)}
        />
        <LevelMeter streamId={LOCAL} />
      </div>
      <Picker
        label={words.camera}
        icon={VideoIcon}
        side={side}
        options={optionsOf(devices.cameras, words.camera)}
        value={camera.deviceId}
        placeholder={devices.cameras.length ? words.systemDefault : words.noCamera}
        onChange={(id) => void capture.selectCamera(id)}
      />
      {canSelectSpeaker && (
        <Picker
          label={words.speaker}
          icon={Volume2}
          side={side}
          options={optionsOf(devices.speakers, words.speaker)}
          value={speakerId}
          placeholder={words.systemDefault}
          onChange={(id) => capture.selectSpeaker(id)}
        />
      )}
    </div>
  );
}
