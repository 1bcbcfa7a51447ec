import '../../css/registers.css';
import '../../css/monitoring.css';
import '../console';
import { startStation } from './station';
import { startList } from '../registers/list';

startList();
startStation();
