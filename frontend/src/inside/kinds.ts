import { t } from '../words';

export interface Kind { id: string; name: string; colour: string; classes: string[] }

/** What the points are, in groups a reader can tell apart; the classes are sections of GB/T 4754 and kinds of places. */
export const KINDS: Record<'units' | 'places', Kind[]> = {
  places: [
    { id: 'care', name: t('Care homes'), colour: 'kind-6', classes: ['care_home'] },
    { id: 'school', name: t('Schools'), colour: 'kind-7', classes: ['school'] },
    { id: 'hospital', name: t('Hospitals'), colour: 'kind-8', classes: ['hospital'] },
    { id: 'water', name: t('Reservoirs and stations'), colour: 'kind-3', classes: ['reservoir', 'monitoring_station'] },
    { id: 'traffic', name: t('Tunnels, metro, bridges'), colour: 'kind-5', classes: ['tunnel', 'metro_station', 'bridge'] },
    { id: 'chemical', name: t('Chemical plants'), colour: 'kind-4', classes: ['chemical_plant'] },
    { id: 'hazard', name: t('Hazard points'), colour: 'kind-2', classes: ['hazard_point'] },
    { id: 'help', name: t('Shelters, depots, fire stations'), colour: 'kind-1', classes: ['shelter', 'depot', 'fire_station'] },
  ],
  units: [
    { id: 'A', name: t('Agriculture'), colour: 'kind-1', classes: ['A'] },
    { id: 'B', name: t('Mining'), colour: 'kind-2', classes: ['B'] },
    { id: 'C', name: t('Manufacturing'), colour: 'kind-3', classes: ['C'] },
    { id: 'DE', name: t('Utilities and construction'), colour: 'kind-6', classes: ['D', 'E'] },
    { id: 'F', name: t('Trade'), colour: 'kind-5', classes: ['F'] },
    { id: 'G', name: t('Transport'), colour: 'kind-7', classes: ['G'] },
    { id: 'H', name: t('Lodging and catering'), colour: 'kind-4', classes: ['H'] },
    { id: 'rest', name: t('Others'), colour: 'kind-8', classes: [...'IJKLMNOPQRST', ''] },
  ],
};
export type Register = keyof typeof KINDS;
export const REGISTERS: Register[] = ['units', 'places'];
